#!/usr/bin/env python3
"""What a page may hold that its definition did not foresee: links of every form, bytes before the first token, keys that
come twice, and cursor values that nobody can read."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main
from sources import Source, Table, Trial, by_id, dated, rows, stamp, stream

COUNT = 130


def relative_links():
    """Next links as RFC 3986 resolves them, `?skip=50`, `list?…`, `./list?…`, `//host/…`: the whole list by one run."""
    def tried(style, form):
        source = Source(rows(COUNT), style)
        with Trial(source, {**stream(style), "path": "/v1/data/list"}) as trial:
            host = trial.server.url.removeprefix("http:")
            source.link = form(host)
            trial.whole()
            source.change(3, updated=stamp(90_000), text="changed")
            trial.whole()
            assert {path.split("?")[0] for path, _ in trial.server.requests} == {"/v1/data/list"}

    forms = {
        "a query": lambda host: lambda path, query: f"?{query}",
        "a name": lambda host: lambda path, query: f"list?{query}",
        "from here": lambda host: lambda path, query: f"./list?{query}",
        "from above": lambda host: lambda path, query: f"../data/list?{query}",
        "a path": lambda host: lambda path, query: f"{path}?{query}",
        "a host": lambda host: lambda path, query: f"{host}{path}?{query}",
        "everything": lambda host: lambda path, query: f"http:{host}{path}?{query}",
        "with a fragment": lambda host: lambda path, query: f"?{query}#top",
    }
    table = Table()
    for style in ["link", "link_header"]:
        for name, form in forms.items():
            table.case(f"{style}, {name}", tried, style, form)
    table.end()


def bytes_before_the_first_token():
    """A BOM, blank lines and white space before and behind a body: every line of the file is JSON."""
    padded = {
        "a BOM": (b"\xef\xbb\xbf", b""), "blank lines": (b"\r\n\r\n  \t", b"\r\n \n"), "both": (b"\xef\xbb\xbf\r\n ", b"\n"),
    }

    def tried(style, before, behind, indent):
        source = Source(rows(COUNT), style)
        plain = source.answer

        def answer(*words):
            status, body, *rest = plain(*words)
            return status, before + json.dumps(body, indent=indent).encode() + behind, *rest
        source.answer = answer
        with Trial(source, stream(style)) as trial:
            trial.whole()
            assert len(trial.lines) == COUNT

    table = Table()
    for style in ["link", "page", "none"]:
        for name, (before, behind) in padded.items():
            table.case(f"{style}, {name}", tried, style, before, behind, None)
        table.case(f"{style}, indented", tried, style, b"\n", b"\n", 4)
    table.end()


def bodies_of_events_with_a_bom():
    """The same where an answer is the array itself, and where it is one object a line."""
    source = Source(rows(40), "none")
    source.answer = lambda *_: (200, b"\xef\xbb\xbf \n" + json.dumps(source.records).encode())
    with Trial(source, {**stream("none"), "records": ""}) as trial:
        trial.whole()


def keys_that_come_twice():
    """Keys that are not unique: each distinct content once, over ten runs nothing repeated, and nothing deleted."""
    def tried(style, order, apart):
        records = rows(COUNT)
        # On one page, or on two.
        for key in range(10, 20):
            twin = {"id": key, "updated": stamp((key + apart) * 60), "text": f"another {key}"}
            records.append(twin)
        source = Source(records, style)
        with Trial(source, stream(style, order)) as trial:
            for number in range(10):
                run = trial.sync(expect=0)
                lines = [(line["id"], line["record"]["text"]) for line in trial.lines if line["op"] == "upsert"]
                if number == 0:
                    assert set(lines) == {(r["id"], r["text"]) for r in records}, "contents are missing"
                assert len(lines) == len(records), f"{len(lines)} lines for {len(records)} after {number + 1} runs"
                assert not trial.deleted, trial.deleted
            told = run.words + json.dumps(trial.status())
            source.change(0, updated=stamp(90_000), text="changed")
            trial.sync(expect=0)
            assert trial.home.folded("odd", "list")[0]["text"] == "changed", told

    table = Table()
    for style in ["none", "page", "link"]:
        for order in [None, "ascending", "descending"]:
            for apart in [0, 70]:
                name = "on one page" if apart == 0 else "on two pages"
                table.case(f"{style}, order {order}, {name}", tried, style, order, apart)
    table.end()


def named_once():
    """Keys that come twice on a page are told once, with the key."""
    source = Source([*rows(20), {"id": 5, "updated": stamp(300), "text": "another"}], "page")
    with Trial(source, stream("page", None)) as trial:
        words = [trial.sync(expect=0).words for _ in range(4)]
        told = [text for text in words if "`key`" in text or "more than once" in text or "twice" in text]
        assert len(told) == 1, words


UNUSABLE = {"an empty text": "", "zeros": "0000-00-00", "zeros with a time": "0000-00-00 00:00:00", "null": None,
            "false": False, "a word": "never", "a number": 17, "an object": {}, "missing": ...}


def spoil(record, value):
    if value is ...:
        del record["updated"]
    else:
        record["updated"] = value


def placed(record):
    return (record["updated"] if dated(record) else "", record["id"])


def one_unusable_cursor_value():
    """One record whose cursor value can't be read: it is delivered, once, and the stream goes on."""
    def tried(style, order, value):
        records = rows(COUNT)
        spoil(records[60], value)
        source = Source(records, style, rank=placed, reverse=order == "descending")
        with Trial(source, stream(style, order)) as trial:
            trial.whole()
            for number in range(3):
                source.change(number, updated=stamp(90_000 + number), text="changed")
                trial.whole()
            # Once it has a value, it is a record like any other.
            source.change(60, updated=stamp(95_000), text="mended")
            trial.whole()
            assert not trial.deleted and not trial.repeated(), (trial.deleted, trial.repeated())

    table = Table()
    for style, order in [("page", "ascending"), ("link", "descending"), ("token", "none")]:
        for name, value in UNUSABLE.items():
            table.case(f"{style}, {order}, {name}", tried, style, order, value)
    table.end()


def counted_in_status():
    """Records without a usable cursor value are counted where the operator looks."""
    records = rows(40)
    for key in [3, 4, 5]:
        spoil(records[key], "0000-00-00")
    with Trial(Source(records, "page", rank=placed), stream("page")) as trial:
        trial.whole()
        told = trial.status()
        assert "updated" in json.dumps(told) or "cursor" in json.dumps(told), told


def every_cursor_value_unusable():
    """A page without a single usable cursor value: the run fails and names the key, and delivers nothing further."""
    def tried(style, order, value):
        records = rows(COUNT)
        for record in records:
            spoil(record, value)
        source = Source(records, style, rank=by_id)
        with Trial(source, stream(style, order)) as trial:
            run = trial.sync()
            assert run.code == 1 and ("`cursor.field`" in run.failure or "updated" in run.failure), run

    table = Table()
    for style, order in [("page", "ascending"), ("link", "descending"), ("none", "none")]:
        for name, value in UNUSABLE.items():
            table.case(f"{style}, {order}, {name}", tried, style, order, value)
    table.end()


def a_page_of_unusable_ones_behind_good_ones():
    """A page in the middle without a usable cursor value: never success with fewer records."""
    def tried(style, order):
        records = rows(COUNT)
        for record in records[50:100]:
            spoil(record, None)
        source = Source(records, style, rank=by_id)
        with Trial(source, stream(style, order)) as trial:
            run = trial.sync()
            assert run.code != 0 or not trial.missing(), f"{len(trial.missing())} are missing, and the run succeeded"
            assert run.code == 0 or "updated" in run.failure, run

    table = Table()
    for style in ["page", "link", "token"]:
        for order in ["ascending", "none"]:
            table.case(f"{style}, {order}", tried, style, order)
    table.end()


if __name__ == "__main__":
    main([
        relative_links, bytes_before_the_first_token, bodies_of_events_with_a_bom, keys_that_come_twice, named_once,
        one_unusable_cursor_value, counted_in_status, every_cursor_value_unusable,
        a_page_of_unusable_ones_behind_good_ones,
    ])
