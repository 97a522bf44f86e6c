#!/usr/bin/env python3
"""Answers in other shapes than a plain list of records: wrapped, marked as gone, absent where there are none, bounded by a
header, counted from 1, and errors that only their words tell apart."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, main
from sources import Source, Table, Trial, rows, stamp, stream

COUNT = 130


def enveloped(source, change):
    """The source's answers, with their list changed by `change`."""
    plain = source.answer

    def answer(*words):
        status, body, *rest = plain(*words)
        if status == 200 and "rows" in body:
            body = change(body)
        return status, body, *rest
    source.answer = answer
    return source


def wrapped(body):
    return {**body, "rows": [{"cursor": str(r["id"]), "node": r, "other": {"id": -1}} for r in body["rows"]]}


def records_inside_of_elements():
    """Edges and wrappers are not delivered: the record inside is, byte for byte, and only what changes comes again."""
    def tried(style, order):
        source = enveloped(Source(rows(COUNT), style), wrapped)
        with Trial(source, {**stream(style, order), "record": "node"}) as trial:
            trial.whole()
            assert len(trial.lines) == COUNT
            source.change(3, updated=stamp(90_000), text="changed")
            trial.whole()
            trial.whole()
            assert len(trial.lines) == COUNT + 1

    def refused(change):
        source = enveloped(Source(rows(COUNT), "page"), change)
        with Trial(source, {**stream("page"), "record": "node"}) as trial:
            run = trial.sync()
            assert run.code != 0 and "`record`" in run.failure, run
            assert not trial.lines

    table = Table()
    for style in ["page", "offset", "after_last", "token", "link", "none"]:
        for order in ["ascending", None]:
            table.case(f"{style}, {order}", tried, style, order)
    table.case("no wrapper", refused, lambda body: body)
    table.case("a null", refused, lambda body: {**body, "rows": [{"node": None} for _ in body["rows"]]})
    table.end()


def records_that_say_that_they_are_gone():
    """A record that is marked is a deletion, once; one that comes back is a record again."""
    def tried(style, order, resync):
        records = rows(COUNT)
        records[5]["gone"] = True
        source = Source(records, style)
        definition = {**stream(style, order), "deleted": {"field": "gone"}}
        if resync:
            definition["resync"] = {"every": "1s"}
        with Trial(source, definition) as trial:
            def synced(deleted):
                for _ in range(2):
                    assert trial.sync().code == 0
                assert trial.deleted == deleted, trial.deleted
                there = trial.home.folded("odd", "list")
                alive = {r["id"] for r in source.records if r.get("gone") is not True}
                assert set(there) == alive, (len(there), len(alive))
                assert not trial.repeated()
            synced([5])
            source.change(7, gone=True, updated=stamp(90_000))
            source.change(8, gone="true", updated=stamp(90_001))
            synced([5, 7])
            source.change(7, gone=False, updated=stamp(90_060))
            synced([5, 7])
            assert 7 in trial.home.folded("odd", "list")

    table = Table()
    for style in ["page", "after_last", "token"]:
        for order, resync in [("ascending", False), ("ascending", True), (None, False)]:
            table.case(f"{style}, {order}, resync {resync}", tried, style, order, resync)
    table.end()


def answers_without_the_records_member():
    """Where the definition says so, an answer without the list says "none"; one that holds anything else is a bad one."""
    def quiet(body):
        return body if body["rows"] else {k: v for k, v in body.items() if k != "rows"}

    def tried(style):
        source = enveloped(Source([], style), quiet)
        with Trial(source, {**stream(style), "empty": {"absent": True}}) as trial:
            trial.whole()
            source.records[:] = rows(COUNT)
            trial.whole()
            assert trial.sync().code == 0
            assert len(trial.lines) == COUNT

    def refused(body, **rule):
        source = Source(rows(COUNT))
        source.before = lambda *_: (200, body)
        with Trial(source, {**stream("page"), **rule}) as trial:
            run = trial.sync()
            assert run.code != 0 and run.names_a_key, run
            source.before = None
            trial.whole()

    table = Table()
    for style in ["page", "offset", "after_last", "token", "link", "none"]:
        table.case(style, tried, style)
    absent = {"empty": {"absent": True, "beside": ["time"]}}
    table.case("not said", refused, {"time": 1})
    table.case("an error", lambda body: refused(body, **absent), {"errors": [{"code": "X"}]})
    table.case("an error beside what may be", lambda body: refused(body, **absent), {"time": 1, "error": "no"})
    table.case("another list", lambda body: refused(body, **absent), {"items": []})
    table.case("a list", lambda body: refused(body, **absent), [])
    table.end()


def nothing_at_all():
    """`{}`, `null` and an empty body on the first page: none where the definition says so, else a bad answer."""
    def tried(body, said):
        source = Source(rows(COUNT))
        source.before = lambda *_: (200, body)
        rule = {"empty": {"nothing": True}} if said else {}
        with Trial(source, {**stream("page"), **rule}) as trial:
            run = trial.sync()
            assert (run.code == 0) == said, run
            assert not trial.lines
            source.before = None
            trial.whole()

    table = Table()
    for name, body in [("an object", {}), ("null", None), ("a body", b""), ("white space", b" \r\n")]:
        for said in [True, False]:
            table.case(f"{name}, {said}", tried, body, said)
    table.end()


def bounds_in_a_header():
    """`If-Modified-Since`: the first sync has none, the next one asks for what is new."""
    source = Source(rows(COUNT))
    plain, bounds = source.answer, []

    def answer(path, query, headers):
        bounds.append(headers.get("If-Modified-Since"))
        return plain(path, {**query, "since": bounds[-1] or ""}, headers)
    quiet = [False]

    def modified(path, query, headers):
        """RFC 9110: 304 where nothing has changed since."""
        if quiet[0] and headers.get("If-Modified-Since"):
            return 304, b""
        return answer(path, query, headers)
    source.answer = modified
    definition = stream("page")
    del definition["cursor"]["lower"]
    definition["cursor"].update(lower_headers={"If-Modified-Since": "${cursor}"}, lookback="1m")
    with Trial(source, definition) as trial:
        trial.whole()
        assert bounds[0] is None, bounds
        source.change(3, updated=stamp(90_000), text="changed")
        del bounds[:]
        trial.whole()
        assert bounds and all(bound and bound >= stamp((COUNT - 3) * 60) for bound in bounds), bounds
        assert len(trial.lines) == COUNT + 1
        quiet[0] = True
        assert trial.sync().code == 0
        quiet[0] = False
        source.change(4, updated=stamp(90_060), text="changed")
        trial.whole()
        assert len(trial.lines) == COUNT + 2


def offsets_from_one():
    """STARTPOSITION 1 is the first record: nothing is left out, nothing comes twice."""
    def tried(where):
        source = Source(rows(COUNT), "offset")
        begin = source.begin

        def counted(found, query, size):
            position = int(query.get("offset", 1))
            if position < 1:
                raise ValueError("positions begin at 1")
            return begin(found, {"offset": position - 1}, size)
        source.begin = counted
        definition = {**stream("offset", None, first=1)}
        if where == "path":
            del definition["paging"]["parameter"]
            definition["query"] = {"offset": "${offset}"}
        with Trial(source, definition) as trial:
            trial.whole()
            assert len(trial.lines) == COUNT
            # Offset 0 is asked for as well: a server that counts from there has a record that nobody would see.
            asked = [asked["offset"] for asked in source.asked]
            assert "0" in asked and [n for n in asked if n != "0"][:3] == ["1", "51", "101"], asked
            trial.whole()
            assert len(trial.lines) == COUNT

    def untrue(count):
        """Declared from 1, counted from 0: the first record would be missing for good."""
        source = Source(rows(count), "offset")
        with Trial(source, stream("offset", None, first=1)) as trial:
            trial.whole_or_refused()
            trial.define(stream("offset", None))
            trial.whole()

    table = Table()
    for where in ["parameter", "path"]:
        table.case(where, tried, where)
    for count in [1, 2, 7, 50, 51, COUNT]:
        table.case(f"untrue, {count}", untrue, count)
    table.end()


def links_in_a_list():
    """The next page's link is one of several; an answer without it is the last page, and one that lacks it too early is
    told by what else the answer says."""
    def linked(body):
        links = [{"rel": "self", "href": "/here"}]
        if "next" in body:
            links.append({"rel": "next", "href": body["next"]})
        return {**{k: v for k, v in body.items() if k != "next"}, "links": links}

    source = enveloped(Source(rows(COUNT), "link"), linked)
    definition = stream("link", next={"in": "links"})
    with Trial(source, definition) as trial:
        trial.whole()
        assert len(trial.lines) == COUNT
        source.change(3, updated=stamp(90_000), text="changed")
        trial.whole()
        assert len(trial.lines) == COUNT + 1


def bounds_inside_of_a_text():
    """A query language: the bounds stand in the middle of one parameter, and vanish where there are none."""
    source = Source(rows(COUNT), "offset")
    plain, texts = source.answer, []

    def answer(path, query, headers):
        texts.append(query["q"])
        found = re.fullmatch(r"SELECT \* FROM t WHERE true( AND updated >= '(.*?)')? ORDER BY updated OFFSET (\d+)", query["q"])
        assert found, query["q"]
        bound = {"since": found.group(2)} if found.group(2) else {}
        return plain(path, {**query, **bound, "offset": str(int(found.group(3)) - 1)}, headers)
    source.answer = answer
    definition = stream("offset", first=1)
    del definition["cursor"]["lower"], definition["paging"]["parameter"]
    definition["query"] = {"q": "SELECT * FROM t WHERE true${lower} ORDER BY updated OFFSET ${offset}"}
    definition["cursor"]["lower_text"] = " AND updated >= '${cursor}'"
    with Trial(source, definition) as trial:
        trial.whole()
        assert "AND" not in texts[0], texts[0]
        source.change(3, updated=stamp(90_000), text="changed")
        del texts[:]
        trial.whole()
        assert texts and all(" AND updated >= '" in text for text in texts), texts
        assert len(trial.lines) == COUNT + 1


def deletions_of_what_was_made_again():
    """A log of deletions that names records: an old entry removes nothing that was made anew under its name since, a new one
    does."""
    records = [{"id": f"C{n}", "updated": stamp(n * 60), "text": str(n)} for n in range(5)]
    records[3]["updated"] = stamp(500 * 60)
    log = [{"no": 1, "kind": "Customer", "name": "C3", "at": stamp(100 * 60)}]

    def answer(path, query, headers):
        since = query.get("since", "")
        rows_ = [r for r in (log if "log" in path else records) if (r.get("updated") or r["at"]) >= since]
        return 200, {"rows": sorted(rows_, key=lambda r: r.get("updated") or r["at"])}

    def cursor(field):
        return {"field": field, "format": "iso8601", "order": "ascending", "lower": {"since": "${cursor}"}}
    lists = {"customers": {"path": "/customers", "records": "rows", "cursor": cursor("updated")}}
    feed = {"path": "/log", "records": "rows", "key": "no", "cursor": cursor("at"), "feed": {
        "type": "kind", "object": "", "key": "name", "routes": {"Customer": "customers"}, "deletes": ["*"]}}
    with apis.Server(answer) as server, Home() as home:
        home.connector("erp", apis.plain(server.url, {**lists, "gone": feed}))
        home.run("sync", "erp/customers")
        for _ in range(2):
            home.run("sync", "erp")
        assert not [line for line in home.lines("erp", "customers") if line["op"] == "delete"]
        log.append({"no": 2, "kind": "Customer", "name": "C2", "at": stamp(600 * 60)})
        records[:] = [r for r in records if r["id"] != "C2"]
        for _ in range(2):
            home.run("sync", "erp")
        assert [line["id"] for line in home.lines("erp", "customers") if line["op"] == "delete"] == ["C2"]


def errors_that_only_their_words_tell_apart():
    """A position that is lost begins the list again; a limit that is called a mistake is waited for."""
    def tried(rule, status, body):
        source = Source(rows(COUNT), "token")

        def before(number, query):
            return (status, body) if number == 2 else None
        source.before = before
        errors = {"message": {"any": ["detail", "error.message"]}, "code": {"any": ["code", "error.code"]}, **rule}
        with Trial(source, stream("token"), errors=errors, max_retries=2, retry_backoff="10ms") as trial:
            trial.whole()
            assert len(trial.lines) == COUNT

    def stays(body):
        source = Source(rows(COUNT), "token")
        source.before = lambda number, _: (400, body) if number == 2 else None
        errors = {"message": "detail", "position_lost": [{"message": "invalid cursor"}]}
        with Trial(source, stream("token"), errors=errors, max_retries=2, retry_backoff="10ms") as trial:
            assert trial.sync().code != 0
            trial.whole()

    table = Table()
    lost = {"position_lost": [{"message": "invalid cursor"}]}
    table.case("words", tried, lost, 400, {"detail": "Invalid cursor value", "field": "from"})
    table.case("words elsewhere", tried, lost, 400, {"error": {"message": "an invalid cursor"}})
    table.case("a family", tried, {"transient": ["Internal_*"]}, 400, {"error": {"code": "Internal_DB"}})
    table.case("a code with a status", tried, {"throttled": [{"code": "X", "status": 403}]}, 403, {"code": "X"})
    table.case("other words", stays, {"detail": "no such field"})
    table.end()


if __name__ == "__main__":
    main([
        records_inside_of_elements, records_that_say_that_they_are_gone, answers_without_the_records_member,
        nothing_at_all, bounds_in_a_header, bounds_inside_of_a_text, offsets_from_one, links_in_a_list,
        deletions_of_what_was_made_again, errors_that_only_their_words_tell_apart,
    ])
