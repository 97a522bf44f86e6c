#!/usr/bin/env python3
"""What was true of a source may end, and what it says may be half of the truth: filters in another zone or unit, counts
that stop at a cap, pages from a cache, sorts that are broken anew for each page. Nothing is lost, or it is told.
"""
import datetime
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, main
from sources import BASE, Source, Table, Trial, by_id, rows, stamp, stream

HOUR = 3600


def shifted(source, seconds):
    """The filter's value is read in another zone."""
    found = source.found

    def later(query):
        query = dict(query)
        if "since" in query:
            query["since"] = stamp(whole_seconds(query["since"]) + seconds)
        return found(query)
    source.found = later


def whole_seconds(text):
    return int((datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S") - BASE).total_seconds())


def told(trial, kind):
    doubts = {doubt["kind"]: doubt for doubt in trial.status().get("doubts") or []}
    assert kind in doubts, f"{kind} is not told, but {sorted(doubts)}"
    return doubts[kind]


def a_filter_in_another_zone():
    """The filter leaves out what it should include, and the newest record has changed since: noticed all the same, also
    where pages are asked for by the value reached."""
    def tried(style, order, hours):
        source = Source(rows(30, spacing=600), style, reverse=order == "descending")
        shifted(source, hours * HOUR)
        with Trial(source, stream(style, order, cursor={"lookback": "0s"})) as trial:
            for _ in range(2):
                trial.whole()
            source.change(29, updated=stamp(30 * 600), text="changed")
            trial.sync()
            source.records += rows(3, spacing=600, first=31)
            trial.sync()
            trial.whole()
            told(trial, "filter_shifted")

    table = Table()
    for style, order in [("none", "ascending"), ("page", "ascending"), ("offset", "none"), ("token", "descending")]:
        for hours in [2, 10]:
            table.case(f"{style}, {order}, {hours} h", tried, style, order, hours)
    table.end()


def a_filter_in_another_unit():
    """A filter that shows nothing at all: the list is asked for everything once, and from then on."""
    source = Source(rows(30, spacing=60), "page")
    found = source.found
    source.found = lambda query: [] if "since" in query else found(query)
    with Trial(source, stream("page", "ascending")) as trial:
        trial.whole()
        source.records += rows(3, first=40)
        trial.sync()
        source.records += rows(3, first=50)
        trial.whole()
        told(trial, "filter_shifted")


def a_list_whose_newest_record_always_changes():
    """Its cursor's record is never found: that is asked a few times, and for everything once."""
    source = Source(rows(400), "page")
    with Trial(source, stream("page", "ascending", cursor={"lookback": "0s"})) as trial:
        trial.sync()
        requests = []
        for turn in range(9):
            source.change(399, updated=stamp(60 * HOUR * (turn + 1)))
            requests.append(trial.whole().requests)
        assert max(requests[6:]) <= 4, requests
        assert not trial.status().get("doubts")


def counts_that_stop_at_a_cap():
    """`total` and `more` told the truth of a small list, and stop at the cap of a search: a full page is no end."""
    def tried(style, order, name):
        def envelope(page):
            shown = min(len(page.found), 100)
            return {"total": shown} if name == "total" else {"more": page.begin + page.size < shown}
        source = Source(rows(75), style, reverse=order == "descending", envelope=envelope)
        with Trial(source, stream(style, order, **{name: name})) as trial:
            trial.whole()
            source.records += rows(150, first=75)
            trial.sync()
            trial.whole()
            assert not trial.deleted

    table = Table()
    for style in ["page", "offset"]:
        for order in [None, "descending"]:
            for name in ["total", "more"]:
                table.case(f"{style}, cursor {order}, {name}", tried, style, order, name)
    table.end()


def a_total_that_never_fits():
    """The source counts more than it shows: told, also when later runs ask for less, which fits."""
    def tried(order):
        source = Source(rows(120), "page", reverse=order == "descending", envelope=lambda page: {
            "total": len(page.found) + (70 if "since" not in page.query else 0)})
        with Trial(source, stream("page", order, total="total")) as trial:
            for _ in range(5):
                trial.sync()
            assert told(trial, "total")["count"] == 70

    table = Table()
    for order in ["none", "descending"]:
        table.case(order, tried, order)
    table.end()


def a_page_from_a_cache():
    """A page in the middle is the one before it, for ever: never success with fewer records."""
    def tried(style):
        source = Source(rows(300), style)
        begin = source.begin
        source.begin = lambda found, query, size: 50 if begin(found, query, size) == 100 else begin(found, query, size)
        with Trial(source, stream(style, None)) as trial:
            for _ in range(3):
                run = trial.sync()
            assert run.code != 0, f"{len(trial.missing())} are missing, and the run succeeded"

    table = Table()
    for style in ["page", "offset"]:
        table.case(style, tried, style)
    table.end()


def a_short_list_that_comes_again_behind_its_end():
    """A server that answers positions behind the end with its first page: a list of one short page is whole."""
    def tried(style, count):
        source = Source(rows(count), style, past=lambda page: (200, {"rows": page.found[:page.size]}))
        with Trial(source, stream(style, None)) as trial:
            for _ in range(3):
                trial.whole()
            source.change(1, text="changed")
            trial.whole()
            assert not trial.deleted
            assert not trial.status().get("doubts"), trial.status()

    table = Table()
    for style in ["page", "offset"]:
        for count in [2, 3, 30]:
            table.case(f"{style}, {count} records", tried, style, count)
    table.end()


def ties_at_a_pages_end():
    """Pages go on behind a field that several records share: told, and none of them is called deleted."""
    source = Source(rows(40), "after_last", size=10)
    source.begin = lambda found, query, size: (
        sum(r["updated"] <= query["after"] for r in found) if "after" in query else 0)
    definition = stream("after_last", None, size=10)
    definition["paging"]["field"] = "updated"
    with Trial(source, definition) as trial:
        trial.whole()
        for key in range(15, 40):
            source.change(key, updated=stamp(90_000))
        for _ in range(4):
            trial.sync()
        assert told(trial, "keyset_not_unique")["may_miss_records"]
        assert not trial.deleted, trial.deleted


def a_sort_that_is_broken_anew():
    """Ties come in another order with each page, and readings begin again: nothing that is there is called deleted."""
    def tried(seed):
        dice = random.Random(seed)
        source = Source(rows(15), "token", size=7)
        found = source.found
        source.found = lambda query: sorted(found(query), key=lambda r: (r["id"] > 12, dice.random()))
        definition = stream("token", None, size=7)
        definition["deletes"] = {"after": "0s"}
        with Trial(source, definition) as trial:
            for _ in range(8):
                trial.sync()
            assert not trial.deleted, trial.deleted

    table = Table()
    for seed in range(8):
        table.case(f"seed {seed}", tried, seed)
    table.end()


def pages_dealt_for_ever():
    """A server that ignores positions and deals its records out anew for each page: the run ends, and says why."""
    dice = random.Random(1)
    source = Source(rows(60), "page", size=20)
    source.begin = lambda found, query, size: 0
    found = source.found
    source.found = lambda query: sorted(found(query), key=lambda r: dice.random())
    with Trial(source, stream("page", None, size=20)) as trial:
        run = trial.sync()
        assert run.code != 0 and run.names_a_key, run


def lists_that_show_a_record_several_times():
    """A join shows each row four times in a row, a log each change of an object: both are read to their end."""
    def tried(times):
        source = Source(rows(600), "page")
        found = source.found
        source.found = lambda query: [r for r in found(query) for _ in range(times)]
        with Trial(source, stream("page", None)) as trial:
            trial.whole()

    table = Table()
    for times in [2, 4]:
        table.case(f"{times} times", tried, times)
    table.end()


def a_filter_that_is_none():
    """A single answer that ignores the filter: told by the first run, and nothing comes twice."""
    source = Source([], "none", filters=False)
    with Trial(source, stream("none", "ascending", cursor={"lookback": "0s"})) as trial:
        trial.sync()
        source.records += rows(20)
        for _ in range(3):
            trial.whole()
        told(trial, "filter_ignored")
        assert not trial.repeated(), trial.repeated()


def an_order_that_ends():
    """A list that kept its order comes in blocks of a page later, each in order: nothing is passed over."""
    def tried(style, way):
        source = Source(rows(600), style, rank=by_id)
        with Trial(source, stream(style)) as trial:
            trial.whole()
            trial.whole()
            for record in source.records:
                block, place = divmod(record["id"], 50)
                later = place * 60 if way == "beside each other" else (12 - block) * HOUR + place * 60
                record.update(updated=stamp(600 * 60 + HOUR + later), text="touched")
            trial.whole_or_refused()

    table = Table()
    for style in ["page", "offset", "link"]:
        for way in ["beside each other", "backwards"]:
            table.case(f"{style}, {way}", tried, style, way)
    table.end()


def deletions_where_every_answer_differs():
    """Each answer signs its URLs anew, and the last page is full: a deletion arrives within two later runs."""
    def tried(style):
        dice = random.Random(7)
        source = Source(rows(101), style)
        source.envelope = lambda page: {"rows": [{**r, "url": f"/files/{r['id']}?{dice.random()}"} for r in page.rows]}
        definition = stream(style, None)
        definition["deletes"] = {"after": "0s"}
        with Trial(source, definition) as trial:
            trial.sync()
            source.delete(40)
            for _ in range(3):
                trial.sync()
            assert trial.deleted == [40], trial.deleted

    table = Table()
    for style in ["page", "offset"]:
        table.case(style, tried, style)
    table.end()


def page_zero_is_empty():
    """Declared from 0, served from 1, with an empty page 0: the run fails and says so, and an empty list does not."""
    def tried(count):
        source = Source(rows(count), "page")
        answer = source.answer
        source.answer = lambda path, query, headers: (
            (200, {"rows": []}) if query.get("page", "0") == "0" else
            (400, {"error": "no such page"}) if not source.records else answer(path, query, headers))
        with Trial(source, stream("page", None, first=0)) as trial:
            run = trial.sync()
            assert (run.code != 0 and run.names_a_key) if count else run.code == 0, run

    table = Table()
    for count in [0, 120]:
        table.case(f"{count} records", tried, count)
    table.end()


def a_next_page_where_nobody_looks():
    """A wrong `paging.next`, or no paging at all, on a list that links to itself: what is not read is told."""
    def answer(path, query, headers):
        number = int(query.get("page", "1"))
        following = f"{path}?page={number + 1}" if number < 3 else None
        rows = [{"id": 10 * number + row, "at": "2026-01-01T00:00:00Z"} for row in range(10)]
        return 200, {"items": rows, "links": {"self": f"{path}?page={number}", "next": following}}

    with apis.Server(answer) as server, Home() as home:
        pagings = {"right": ["links", "next"], "wrong": "next"}
        streams = {name: {"path": f"/{name}", "paging": {"style": "link", "next": next}} for name, next in pagings.items()}
        streams["none"] = {"path": "/none"}
        # The first stream is what `check --connect` asks for.
        streams = {name: {"records": "items", "key": "id", **streams[name]} for name in ["wrong", "none", "right"]}
        home.connector("shop", apis.plain(server.url, streams))
        home.run("sync", "shop")
        seen = {name: (len(home.folded("shop", name)), doubts(home, name)) for name in streams}
        assert seen["right"] == (30, []), seen
        assert seen["wrong"] == seen["none"] == (10, ["next_never_seen"]), seen
        assert "`links.next`" in home.run("check", "--connect").stdout


def doubts(home, stream):
    return [doubt["kind"] for doubt in apis.status(home)[f"shop/{stream}"].get("doubts") or []]


if __name__ == "__main__":
    main([
        a_next_page_where_nobody_looks,
        a_filter_in_another_zone, a_filter_in_another_unit, a_list_whose_newest_record_always_changes,
        counts_that_stop_at_a_cap, a_total_that_never_fits, a_page_from_a_cache,
        a_short_list_that_comes_again_behind_its_end, ties_at_a_pages_end, a_sort_that_is_broken_anew,
        pages_dealt_for_ever, lists_that_show_a_record_several_times, a_filter_that_is_none, an_order_that_ends,
        deletions_where_every_answer_differs, page_zero_is_empty,
    ])
