#!/usr/bin/env python3
"""What is called deleted, and what is not: one reading that lacks a record is no proof, and neither is an empty one."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main
from sources import SIZE, Source, Table, Trial, rows, stamp, stream

# A later run confirms at once, so that tests need not wait for the default minute.
AT_ONCE = {"deletes": {"after": "0s"}}
STYLES = ["none", "page", "offset", "link", "token"]


def listed(style, order=None, **more):
    return {**stream(style, order), **AT_ONCE, **({"resync": {"every": "1s"}} if order else {}), **more}


class Flickering(Source):
    """A list that is empty, or lacks records, as long as it is told to."""

    hidden = None

    def found(self, query):
        found = super().found(query)
        return [r for r in found if not self.hidden(r)] if self.hidden else found


def everything(record):
    return True


def nothing_deleted(trial):
    assert not trial.deleted, f"{len(trial.deleted)} are called deleted, such as {trial.deleted[:3]}"


def empty_answers(times):
    """Runs that find an empty list, then the list again: what was there stays."""
    def tried(style, order):
        source = Flickering(rows(30), style)
        with Trial(source, listed(style, order)) as trial:
            trial.whole()
            source.hidden = everything
            for _ in range(times):
                trial.sync()
                nothing_deleted(trial)
            source.hidden = None
            trial.whole()
            nothing_deleted(trial)
            assert len(trial.lines) == 30, len(trial.lines)

    table = Table()
    for style in STYLES:
        table.case(style, tried, style, None)
    table.case("page, ascending, with a resync", tried, "page", "ascending")
    table.end()


def one_empty_run():
    """30 records, and one run that finds an empty list with status 200: nothing is called deleted."""
    empty_answers(1)


def two_empty_runs():
    """Two empty runs in a row: nothing is called deleted."""
    empty_answers(2)


def three_empty_runs():
    """Three empty runs in a row: still nothing is called deleted without a person's word."""
    empty_answers(3)


def one_empty_answer():
    """One empty answer, or two in a row, within a run: nothing is called deleted, nor missed."""
    def tried(style, at, times):
        source = Source(rows(30), style)
        with Trial(source, listed(style)) as trial:
            trial.whole()
            began = len(source.asked)
            source.before = lambda number, query: (
                (200, {"rows": []}) if began + at <= number < began + at + times else None
            )
            for _ in range(3):
                trial.sync()
                nothing_deleted(trial)
            trial.whole()
            assert len(trial.lines) == 30, len(trial.lines)

    table = Table()
    for style in STYLES:
        for at in [1, 2]:
            for times in [1, 2, 3]:
                table.case(f"{style}, answer {at}, {times} times", tried, style, at, times)
    table.end()


def a_part_is_away():
    """A run, or two, that lacks a third of the list, which then comes back: nothing is called deleted."""
    def tried(style, times):
        source = Flickering(rows(180), style)
        with Trial(source, {**listed(style), "deletes": {"after": "1h"}}) as trial:
            trial.whole()
            source.hidden = lambda record: record["id"] % 3 == 0
            for _ in range(times):
                trial.sync()
                nothing_deleted(trial)
            source.hidden = None
            trial.whole()
            nothing_deleted(trial)
            assert len(trial.lines) == 180, len(trial.lines)

    table = Table()
    for style in STYLES:
        for times in [1, 2]:
            table.case(f"{style}, {times} runs", tried, style, times)
    table.end()


def one_goes():
    """One true deletion arrives within two later runs, once."""
    def tried(style, order):
        source = Source(rows(30), style)
        with Trial(source, listed(style, order)) as trial:
            trial.whole()
            source.delete(17)
            if order:
                # A resync is due once a second has passed.
                trial.sync("--full", expect=0)
                trial.sync("--full", expect=0)
            else:
                trial.sync(expect=0)
                trial.sync(expect=0)
            assert trial.deleted == [17], trial.deleted
            trial.sync(expect=0)
            assert trial.deleted == [17], trial.deleted
            assert trial.lines[-1]["record"] is None

    table = Table()
    for style in STYLES:
        table.case(style, tried, style, None)
    table.case("page, ascending, with a resync", tried, "page", "ascending")
    table.end()


def a_minute_by_default():
    """Without a word about `deletes`, a second run at once confirms nothing."""
    source = Source(rows(30), "page")
    definition = listed("page")
    del definition["deletes"]
    with Trial(source, definition) as trial:
        trial.whole()
        source.delete(17)
        for _ in range(3):
            trial.sync(expect=0)
            nothing_deleted(trial)


def goes_and_comes_back():
    """A record that is deleted, then made again with the same key, is there in the end."""
    source = Source(rows(30), "page")
    with Trial(source, listed("page")) as trial:
        trial.whole()
        source.delete(17)
        trial.sync(expect=0)
        trial.sync(expect=0)
        assert trial.deleted == [17], trial.deleted
        source.records.append({"id": 17, "updated": stamp(17 * 60), "text": "row 17"})
        trial.whole()


def too_many_go():
    """1,000 of 2,000 records gone at once are held, told, and delivered when a person accepts."""
    def tried(style):
        source = Source(rows(2000), style, size=500)
        with Trial(source, {**stream(style, None, size=500), **AT_ONCE}) as trial:
            trial.whole()
            source.records[:] = source.records[::2]
            for _ in range(4):
                trial.sync()
                nothing_deleted(trial)
            told = json.dumps(trial.status())
            assert "1000" in told, f"status tells nothing: {told[:500]}"
            shown = trial.home.run("status", expect=None)
            assert "1,000" in shown.stdout or "1000" in shown.stdout, shown.stdout
            assert "--accept-deletes" in shown.stdout + told, shown.stdout
            trial.sync("--accept-deletes", target="odd/list", expect=0)
            assert sorted(trial.deleted) == list(range(1, 2000, 2)), len(trial.deleted)
            trial.whole()
            assert len(trial.deleted) == 1000, len(trial.deleted)
            # What a person accepted once is no leave for the next time.
            source.records[:] = source.records[::2]
            for _ in range(3):
                trial.sync()
            assert len(trial.deleted) == 1000, len(trial.deleted)
    table = Table()
    for style in ["none", "page", "token"]:
        table.case(style, tried, style)
    table.end()


def held_ones_come_back():
    """Held deletions whose records come back are forgotten; a person has nothing to accept."""
    source = Flickering(rows(200), "page")
    with Trial(source, listed("page")) as trial:
        trial.whole()
        source.hidden = lambda record: record["id"] >= 100
        for _ in range(3):
            trial.sync()
        nothing_deleted(trial)
        source.hidden = None
        trial.whole()
        trial.whole()
        nothing_deleted(trial)
        assert "accept-deletes" not in trial.home.run("status", expect=None).stdout
        assert len(trial.lines) == 200, len(trial.lines)


def as_many_as_allowed():
    """`deletes.most` moves the bound: up to it they are delivered without a word, beyond it they are held."""
    def tried(most, gone, delivered):
        source = Source(rows(100), "page")
        with Trial(source, {**listed("page"), "deletes": {"after": "0s", "most": most}}) as trial:
            trial.whole()
            source.records[:] = source.records[gone:]
            for _ in range(3):
                trial.sync()
            assert len(trial.deleted) == delivered, len(trial.deleted)

    table = Table()
    table.case("within a number", tried, 50, 50, 50)
    table.case("beyond a number", tried, 5, 6, 0)
    table.case("within a share", tried, "60%", 60, 60)
    table.case("beyond a share", tried, "10%", 30, 0)
    table.end()


def by_default():
    """Without a word about `deletes.most`: ten of thirty may go, eleven of a hundred too, thirty of a hundred not."""
    def tried(count, gone, delivered):
        source = Source(rows(count), "page")
        with Trial(source, listed("page")) as trial:
            trial.whole()
            source.records[:] = source.records[gone:]
            for _ in range(3):
                trial.sync()
            assert len(trial.deleted) == delivered, len(trial.deleted)

    table = Table()
    table.case("10 of 30", tried, 30, 10, 10)
    table.case("11 of 30", tried, 30, 11, 0)
    table.case("20 of 100", tried, 100, 20, 20)
    table.case("30 of 100", tried, 100, 30, 0)
    table.end()


def told_by_a_feed():
    """Deletions that events tell are delivered at once, however many they are."""
    objects = rows(60)
    events = []

    class Both(Source):
        def answer(self, path, query, headers):
            if path == "/events":
                since = int(query.get("since", 0))
                return 200, {"rows": [e for e in events if e["at"] >= since]}
            return super().answer(path, query, headers)

    source = Both(objects, "page")
    feed = {
        "path": "/events", "records": "rows", "key": "id",
        "cursor": {"field": "at", "format": "unix", "order": "ascending", "lower": {"since": "${cursor}"}},
        "feed": {"type": "type", "object": "object", "key": "object.id", "routes": {"row": "list"},
                 "deletes": ["row.deleted"]},
    }
    with Trial(source, listed("page")) as trial:
        trial.home.connector("odd", {
            "base_url": trial.server.url, "auth_type": "none", "retry_backoff": "10ms",
            "streams": {"list": listed("page"), "events": feed},
        })
        trial.sync(expect=0)
        assert not trial.missing()
        for number in range(50):
            events.append({"id": f"e{number}", "type": "row.deleted", "at": 1_790_000_000 + number,
                           "object": {"id": number}})
        source.records[:] = source.records[50:]
        trial.sync(expect=0)
        assert sorted(trial.deleted) == list(range(50)), len(trial.deleted)


def a_middle_that_is_away():
    """A later run whose second page is 404, empty, short or repeated once: nothing is called deleted."""
    answers = {
        "404": lambda source: (404, {}), "empty": lambda source: (200, {"rows": []}),
        "short": lambda source: (200, {"rows": [dict(r) for r in source.found({})[SIZE:SIZE + 5]]}),
        "repeated": lambda source: (200, {"rows": [dict(r) for r in source.found({})[:SIZE]]}),
        "null": lambda source: (200, {"rows": None}), "204": lambda source: (204, b""),
    }

    def tried(style, order, answer):
        source = Source(rows(230), style)
        with Trial(source, listed(style, order, deletes={"after": "0s", "most": 10_000})) as trial:
            trial.whole()
            for at in [2, 3]:
                began = len(source.asked)
                source.before = lambda number, query: answer(source) if number == began + at else None
                trial.sync(*(["--full"] if order else []))
                nothing_deleted(trial)
            source.before = None
            trial.sync(*(["--full"] if order else []), expect=0)
            nothing_deleted(trial)
            assert not trial.missing()
            assert len(trial.lines) == 230, len(trial.lines)

    table = Table()
    for style in ["page", "offset"]:
        for order in [None, "ascending"]:
            for name, answer in answers.items():
                table.case(f"{style}, order {order}, {name}", tried, style, order, answer)
    table.end()


if __name__ == "__main__":
    main([
        one_empty_run, two_empty_runs, three_empty_runs, one_empty_answer, a_part_is_away, one_goes,
        a_minute_by_default, goes_and_comes_back, too_many_go, held_ones_come_back, as_many_as_allowed, by_default,
        told_by_a_feed, a_middle_that_is_away,
    ])
