#!/usr/bin/env python3
"""Definitions that change between two runs: each change migrates, or is refused with the remedy. Nothing is lost, no
record is called deleted for it, and nobody is told `"id":null`."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import main
from sources import Source, Table, Trial, rows, stamp, stream

COUNT = 250
RESYNC = {"resync": {"every": "7d"}}
REMEDIES = ["cursors", "--full", "reset"]


def keyed(count=COUNT):
    return [{**row, "code": f"C{row['id']}", "seq": 1_000 + row["id"], "unix": 1_772_323_200 + row["id"] * 60,
             "created": stamp(row["id"])} for row in rows(count)]


def by(field, format="iso8601", **more):
    return {"field": field, "format": format, **more}


class Filtering(Source):
    """Filters by the parameter's own field: `since` for times, `from` for numbers."""

    def found(self, query):
        found = super().found(query)
        for name, field in [("from_seq", "seq"), ("from_unix", "unix")]:
            if name in query:
                found = [r for r in found if r[field] >= int(query[name])]
        if "from_created" in query:
            found = [r for r in found if r["created"] >= query["from_created"]]
        return found


LATER = COUNT * 60 + 3600
BASE = stream("page")
CHANGES = {
    "resync is added": (BASE, {**BASE, **RESYNC}),
    "resync is taken out": ({**BASE, **RESYNC}, BASE),
    "cursor: time to number": (BASE, stream("page", cursor=by("seq", "integer", lower={"from_seq": "${cursor}"}))),
    "cursor: number to time": (stream("page", cursor=by("seq", "integer", lower={"from_seq": "${cursor}"})), BASE),
    "cursor: one time to another": (BASE, stream("page", cursor=by("created", lower={"from_created": "${cursor}"}))),
    "format: text to unix": (BASE, stream("page", cursor=by("unix", "unix", lower={"from_unix": "${cursor}"}))),
    "cursor is added": (stream("page", None), BASE),
    "cursor is taken out": (BASE, stream("page", None)),
    "order: ascending to descending": (BASE, stream("page", "descending")),
    "order: ascending to none": (BASE, stream("page", "none")),
    "order: none to ascending": (stream("page", "none"), BASE),
    "filter is taken out": (BASE, stream("page", cursor={"lower": None})),
    "upper bound is added": (BASE, stream("page", "descending", cursor={"upper": {"until": "${until}"}})),
    "paging: page to offset": (BASE, stream("offset")),
    "paging: page to link": (BASE, stream("link", anchor="server")),
    "paging: size": (BASE, stream("page", size=20)),
    "paging: none to page": (stream("page", None), stream("page", None, size=20)),
    "compare: bytes to members": (stream("page", None), {**stream("page", None), "compare": "members"}),
    "compare: members to bytes": ({**stream("page", None), "compare": "members"}, stream("page", None)),
    "compare, with a cursor": (BASE, {**BASE, "compare": "members"}),
    "lookback grows": (BASE, stream("page", cursor={"lookback": "1h"})),
    "lookback shrinks": (stream("page", cursor={"lookback": "1h"}), stream("page", cursor={"lookback": "1s"})),
}
KEYS = {
    "key: id to code": (BASE, {**BASE, "key": "code"}),
    "key: id to code, without cursor": (stream("page", None), {**stream("page", None), "key": "code"}),
    "key: id to both": (BASE, {**BASE, "key": ["id", "code"]}),
    "key: both to id": ({**BASE, "key": ["id", "code"]}, BASE),
}


def changed_plan(before, after, by_key=lambda record: record["id"]):
    source = Filtering(keyed(), "page")
    with Trial(source, before) as trial:
        trial.sync(expect=0)
        assert len(trial.lines) == COUNT, len(trial.lines)
        source.style = after["paging"]["style"]
        trial.define(after)
        for number in range(3):
            source.change(number, updated=stamp(LATER + number), text="changed", seq=5_000 + number,
                          unix=1_772_600_000 + number, created=stamp(LATER + number))
        source.records.append({**keyed(COUNT + 1)[-1], "updated": stamp(LATER + 60), "unix": 1_772_600_100,
                               "created": stamp(LATER + 60)})
        run = trial.sync()
        if run.code != 0:
            assert any(word in run.failure + run.words for word in REMEDIES), f"no remedy is named: {run}"
            assert not trial.deleted, trial.deleted[:3]
            trial.home.run("cursors", "odd/list", "reset", "--yes", expect=0)
            trial.sync(expect=0)
        for _ in range(2):
            trial.sync(expect=0)
        ids = [line["id"] for line in trial.lines]
        assert None not in ids, "a line names no record"
        assert not trial.deleted, f"{len(trial.deleted)} are called deleted"
        there = {json.dumps(line["id"]): line["record"] for line in trial.lines if line["record"]}
        missing = [r["id"] for r in source.records if there.get(json.dumps(by_key(r))) != r]
        assert not missing, f"{len(missing)} are missing, such as {missing[:3]}"


def of_the_cursor_and_the_paging():
    """Cursor, format, order, bounds, paging, comparison and resync: each change loses nothing and deletes nothing."""
    table = Table()
    for name, (before, after) in CHANGES.items():
        table.case(name, changed_plan, before, after)
    table.end()


def of_the_key():
    """Another key: every record arrives under it, or the run says what to do; the old keys are not called deleted."""
    table = Table()
    for name, (before, after) in KEYS.items():
        names = after["key"] if isinstance(after["key"], list) else [after["key"]]
        table.case(name, changed_plan, before, after, lambda record, names=names: (
            record[names[0]] if len(names) == 1 else [record[part] for part in names]
        ))
    table.end()


def a_resync_that_comes_and_goes():
    """`resync` added to a stream that remembered only ties, then taken out: deletions are true ones, with their keys."""
    source = Source(rows(COUNT), "page")
    with Trial(source, stream("page")) as trial:
        trial.whole()
        trial.define({**stream("page"), **RESYNC, "deletes": {"after": "0s"}})
        source.delete(7)
        trial.sync(expect=0)
        trial.sync("--full", expect=0)
        source.delete(11)
        for _ in range(3):
            trial.sync("--full", expect=0)
        # What was only known as a tie may not be missed; what the resync has seen is.
        assert None not in trial.deleted and set(trial.deleted) <= {7, 11} and 11 in trial.deleted, trial.deleted
        trial.define(stream("page"))
        source.change(3, updated=stamp(LATER), text="changed")
        trial.whole()
        trial.whole()


def many_remembered_rows():
    """A hundred thousand remembered records, and `resync` taken out: the stream goes on."""
    count = 100_001
    source = Source(rows(count, spacing=1), "page", size=20_000)
    with Trial(source, {**stream("page", size=20_000), **RESYNC}) as trial:
        trial.sync(expect=0)
        trial.define(stream("page", size=20_000))
        source.change(3, updated=stamp(count + 3600), text="changed")
        run = trial.sync(expect=0)
        assert trial.home.folded("odd", "list")[3]["text"] == "changed", run
        trial.sync(expect=0)
        assert len(trial.lines) == count + 1, len(trial.lines)


class Keeper(apis.Server):
    """A destination that keeps what is posted, by record id."""

    def __init__(self):
        self.records, self.posts = {}, 0
        super().__init__(self.take)

    def take(self, path, query, headers):
        self.posts += 1
        for line in filter(None, headers["body"].split("\n")):
            line = json.loads(line)
            self.records[(line["stream"], line["id"])] = line["record"]
        return 200, {}


def another_sink():
    """A stream whose sink changes: the new one gets everything, and the old one nothing again."""
    source = Source(rows(COUNT), "page")
    for order in [None, "ascending"]:
        with Keeper() as first, Keeper() as second, Trial(source, stream("page", order)) as trial:
            trial.home.daemon_settings({"http": {"url": f"{first.url}/in", "auth_type": "none"}})
            trial.whole()
            trial.define({**stream("page", order), "sink": "http"})
            trial.sync(expect=0)
            trial.sync(expect=0)
            assert len(first.records) == COUNT, f"{len(first.records)} of {COUNT} reached the new sink (order {order})"
            trial.home.daemon_settings({"http": {"url": f"{second.url}/in", "auth_type": "none"}})
            trial.sync(expect=0)
            trial.sync(expect=0)
            assert len(second.records) == COUNT, f"{len(second.records)} of {COUNT} reached the new URL (order {order})"
            trial.define({**stream("page", order), "sink": "file"})
            source.change(3, updated=stamp(LATER), text=f"changed {order}")
            trial.whole()
            assert len(trial.lines) == COUNT + 1, f"{len(trial.lines)} lines in the first sink (order {order})"


def another_sink_read_in_full():
    """A new sink with `sync --full` at once: 250 of 250 reach it."""
    source = Source(rows(COUNT), "page")
    with Keeper() as keeper, Trial(source, stream("page")) as trial:
        trial.home.daemon_settings({"http": {"url": f"{keeper.url}/in", "auth_type": "none"}})
        trial.whole()
        trial.define({**stream("page"), "sink": "http"})
        trial.sync("--full", expect=0)
        assert len(keeper.records) == COUNT, f"{len(keeper.records)} of {COUNT}"


def a_feeds_sink():
    """A record that a feed brings goes to its own stream's sink, not to the feed's."""
    events = [{"id": f"e{n}", "type": "row.updated", "at": 1_790_000_000 + n,
               "object": {"id": n, "updated": stamp(LATER), "text": "by event"}} for n in range(10)]

    class Both(Source):
        def answer(self, path, query, headers):
            if path == "/events":
                return 200, {"rows": [e for e in events if e["at"] >= int(query.get("since", 0))]}
            return super().answer(path, query, headers)

    for feed_sink, own_sink in [("http", "file"), ("file", "http")]:
        source = Both(rows(40), "page")
        feed = {
            "path": "/events", "records": "rows", "key": "id", "sink": feed_sink,
            "cursor": {"field": "at", "format": "unix", "order": "ascending", "lower": {"since": "${cursor}"}},
            "feed": {"type": "type", "object": "object", "key": "object.id", "routes": {"row": "list"}},
        }
        with Keeper() as keeper, Trial(source, stream("page")) as trial:
            trial.home.daemon_settings({"http": {"url": f"{keeper.url}/in", "auth_type": "none"}})
            trial.home.connector("odd", {
                "base_url": trial.server.url, "auth_type": "none",
                "streams": {"list": {**stream("page"), "sink": own_sink}, "events": feed},
            })
            for target in ["odd/list", "odd/events", "odd"]:
                trial.sync(target=target, expect=0)
            posted = {key: record for (name, key), record in keeper.records.items() if name == "list"}
            own = posted if own_sink == "http" else trial.home.folded("odd", "list")
            other = trial.home.folded("odd", "list") if own_sink == "http" else posted
            changed = [key for key in range(10) if own.get(key, {}).get("text") == "by event"]
            assert len(changed) == 10, f"{len(changed)} of 10 in the stream's own sink ({own_sink})"
            assert not other, f"{len(other)} records of the stream in the feed's sink ({feed_sink})"


if __name__ == "__main__":
    main([
        of_the_cursor_and_the_paging, of_the_key, a_resync_that_comes_and_goes, many_remembered_rows, another_sink,
        another_sink_read_in_full, a_feeds_sink,
    ])
