#!/usr/bin/env python3
"""What goes wrong at the source, each thing once: recovered from where possible, clearly said where not; never lost."""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Sandbox, exact, main, same

WORDS = ["--customers", "120", "--erp-page-size", "20", "--charges", "120", "--compact"]
LIMITS = {"timeout": "2s", "max_response_bytes": 200_000}
STALL = {"kind": "stall", "after_bytes": 1000}
SLOW = {"kind": "slow", "chunk": 4096, "every_ms": 20}
HUGE = {"kind": "huge", "bytes": 400_000}


def books(sandbox, home, **more):
    home.connector("books", apis.erp(sandbox, {"customers": apis.odata_stream()}, **LIMITS, **more))


def pay(sandbox, home, streams=("charges",), **more):
    home.connector("pay", apis.stripe(sandbox, list(streams), page=10, **LIMITS, **more))


def complete(sandbox, home, name, stream, collection):
    base = sandbox.payment if name == "pay" else sandbox.erp
    same(home.folded(name, stream), sandbox.dump(base, collection))
    apis.delivered_once(home, name, stream)


def recovered_within_the_sync():
    """Whatever passes by itself is recovered from within the sync: errors, resets, cut, garbled and stalled answers."""
    kinds = [
        {"kind": "500"}, {"kind": "502"}, {"kind": "503"}, {"kind": "429_seconds", "seconds": 1},
        {"kind": "429_date", "seconds": 2}, {"kind": "reset"}, {"kind": "reset", "after_bytes": -1}, {"kind": "short"},
        {"kind": "truncate"}, {"kind": "garbage"}, {"kind": "html_error"}, {"kind": "deep_json"}, HUGE, STALL, SLOW,
        {"kind": "gzip_in_name_only"},
    ]
    with Sandbox(*WORDS) as sandbox:
        for fault in kinds:
            with Home() as home:
                books(sandbox, home)
                pay(sandbox, home)
                for base, match in [(sandbox.erp, "/odata"), (sandbox.payment, "/v1/charges")]:
                    sandbox.fault(base, **fault, match=match, after=3, times=1)
                try:
                    home.sync("books")
                    home.sync("pay")
                    complete(sandbox, home, "books", "customers", "Customers")
                    complete(sandbox, home, "pay", "charges", "charges")
                except AssertionError as error:
                    raise AssertionError(f"{fault}: {error}") from error
                finally:
                    sandbox.clear_faults(sandbox.erp)
                    sandbox.clear_faults(sandbox.payment)


# What the error must name beside connector, stream and request: the status, or where in the answer.
LASTING = [
    ({"kind": "500"}, "status 500"), ({"kind": "503"}, "status 503"), ({"kind": "400"}, "status 400"),
    ({"kind": "404"}, "status 404"), ({"kind": "401"}, "status 401"), ({"kind": "403"}, "status 403"),
    ({"kind": "429_seconds", "seconds": 0}, "status 429"), ({"kind": "reset"}, "reset by peer"),
    ({"kind": "short"}, "bytes remaining"), ({"kind": "truncate"}, "byte "), ({"kind": "garbage"}, "byte 2"),
    ({"kind": "html_error"}, "text/html"), ({"kind": "deep_json", "depth": 150_000}, "deeper than 512"),
    (HUGE, "200000"), (STALL, "2.0 seconds"), ({"kind": "error_200"}, "Something went wrong"),
    ({"kind": "expired_token"}, "status 401"),
]


def said_clearly_and_gone_on_from():
    """What lasts ends the sync with an error that says where; the cursor stays, and the next sync completes."""
    with Sandbox(*WORDS) as sandbox, Home() as home:
        books(sandbox, home)
        home.sync("books")
        for fault, words in LASTING:
            sandbox.mutate(sandbox.erp, "Customers", create=5, update=1)
            before = apis.cursors(home)["books/customers"][0]
            sandbox.fault(sandbox.erp, **fault, match="/odata")
            done = home.run("sync", "books", expect=1)
            sandbox.clear_faults(sandbox.erp)
            last = done.stderr.strip().split("\n")[-1]
            assert last.startswith("books/customers: failed: "), (fault, last)
            assert f"GET {sandbox.erp}/odata/Customers…" in last, (fault, last)
            assert words in last, (fault, last)
            assert apis.cursors(home)["books/customers"][0] == before, fault
            row = apis.status(home)["books/customers"]
            assert row["last_run"]["outcome"] == "failed" and words in row["last_run"]["error"], (fault, row)
            home.sync("books")
            complete(sandbox, home, "books", "customers", "Customers")


def failed_in_the_middle():
    """A failure in the middle of a first walk keeps what was delivered; the next sync goes on, nothing twice."""
    kinds = [({"kind": "500"}, 1), ({"kind": "truncate"}, 1), ({"kind": "reset"}, 1), ({"kind": "401"}, 1)]
    with Sandbox(*WORDS) as sandbox, Home() as home:
        for turn, (fault, code) in enumerate(kinds):
            streams = {
                "customers": apis.odata_stream(), "items": apis.offset_stream(), "orders": apis.paged_stream(),
                "invoices": apis.token_stream(),
            }
            name = f"books-{turn}"
            home.connector(name, apis.erp(sandbox, streams, **LIMITS))
            for path in ["/odata", "/api", "/paged", "/token"]:
                sandbox.fault(sandbox.erp, **fault, match=path, after=3)
            results = home.sync(name, expect=code)
            assert {r["outcome"] for r in results.values()} == {"failed"}, results
            assert all(r["records"] >= 50 for r in results.values()), results
            sandbox.clear_faults(sandbox.erp)
            home.sync(name)
            for stream, collection in zip(streams, ["Customers", "Items", "Orders", "Invoices"]):
                same(home.folded(name, stream), sandbox.dump(sandbox.erp, collection))
                apis.delivered_once(home, name, stream)


def wrong_shapes():
    """Records that are no list, records without a key: an error that says which, and the cursor stays."""
    good = [{"id": n, "updated": f"2026-01-0{n}T00:00:00Z"} for n in range(1, 6)]
    bad = {
        "no list": ({"rows": {"id": 1}}, "rows"),
        "absent": ({"other": []}, "rows"),
        "a number": (17, "the page begins `17`"),
        "texts": ({"rows": ["a", "b"]}, "byte "),
        "no key": ({"rows": [{"updated": "2026-01-06T00:00:00Z"}]}, "record 1 of the page (byte "),
        "null key": ({"rows": [*good, {"id": None, "updated": "2026-01-06T00:00:00Z"}]}, "record 6 of the page"),
        "empty": (b"", "is missing"),
        "two values": (b'{"rows":[]} {"rows":[]}', "byte 12"),
    }
    answer = {"now": good}
    stream = {
        "path": "/list", "records": "rows", "key": "id",
        "cursor": {"field": "updated", "format": "iso8601", "order": "ascending", "lower": {"since": "${cursor}"}},
    }

    def respond(path, query, headers):
        body = answer["now"]
        if body is good:
            body = {"rows": [row for row in good if row["updated"] >= query.get("since", "")]}
        return 200, body

    with apis.Server(respond) as server, Home() as home:
        home.connector("odd", apis.plain(server.url, {"list": stream}))
        home.sync("odd")
        before = apis.cursors(home)
        for name, (body, words) in bad.items():
            answer["now"] = body
            done = home.run("sync", "odd", expect=None)
            last = done.stderr.strip().split("\n")[-1]
            assert done.returncode == 1, f"{name}: {last}"
            assert last.startswith(f"odd/list: failed: GET {server.url}/list…") and words in last, (name, last)
            assert apis.cursors(home)["odd/list"][0] == before["odd/list"][0], name
        good.append({"id": 6, "updated": "2026-01-06T00:00:00Z"})
        answer["now"] = good
        home.sync("odd")
        ids = [line["id"] for line in home.lines("odd", "list")]
        assert ids == [1, 2, 3, 4, 5, 6], ids


def overridden_keys_that_do_not_exist():
    """A connector file that names a key or cursor the records lack is told so, and delivers nothing."""
    with Sandbox(*WORDS) as sandbox, Home() as home:
        for override, words in [({"key": "nope"}, "has no nope"), ({"cursor": {"field": "nope"}}, "has a value in nope")]:
            home.connector("pay", apis.stripe(sandbox, {"charges": override}))
            last = home.run("sync", "pay", expect=1).stderr.strip().split("\n")[-1]
            assert words in last and "pay/charges" in last, last
            assert home.lines("pay", "charges") == []
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        home.sync("pay")
        complete(sandbox, home, "pay", "charges", "charges")


def pages_that_come_twice():
    """Pages that come twice lose nothing and deliver nothing twice."""
    spoiled_pages("duplicate_page")


def pages_that_come_backwards():
    """Pages whose records come in reverse order lose nothing and deliver nothing twice."""
    spoiled_pages("reorder_page")


def spoiled_pages(kind):
    """A page in the middle of a first walk is spoiled; the sync may fail, but the next one must complete."""
    streams = {"items": apis.offset_stream(), "orders": apis.paged_stream(), "invoices": apis.token_stream()}
    wanted = [
        ("books", "customers", "Customers"), ("pay", "charges", "charges"), ("lists", "items", "Items"),
        ("lists", "orders", "Orders"), ("lists", "invoices", "Invoices"),
    ]
    wrong = []
    with Sandbox(*WORDS) as sandbox:
        for after, times in [(1, 1), (3, 2)]:
            with Home() as home:
                books(sandbox, home)
                pay(sandbox, home)
                home.connector("lists", apis.erp(sandbox, streams))
                sandbox.fault(sandbox.payment, kind=kind, match="/v1", after=after, times=times)
                for match in ["/odata", "/api", "/paged", "/token"]:
                    sandbox.fault(sandbox.erp, kind=kind, match=match, after=after, times=times)
                for name in ["books", "pay", "lists"]:
                    home.run("sync", name, expect=None)
                sandbox.clear_faults(sandbox.payment)
                sandbox.clear_faults(sandbox.erp)
                for name in ["books", "pay", "lists"]:
                    home.sync(name)
                for name, stream, collection in wanted:
                    try:
                        complete(sandbox, home, name, stream, collection)
                    except AssertionError as error:
                        wrong.append(f"{name}/{stream}, {times} pages after {after}: {error}")
    assert not wrong, "; ".join(wrong)


def records_that_change_while_being_paged():
    """Records that are changed, added and deleted while they are paged arrive in their last state."""
    with Sandbox(*WORDS, "--orders", "200") as sandbox, Home() as home:
        pay(sandbox, home, ["events", "charges", "customers"])
        books(sandbox, home)
        home.connector("lists", apis.erp(sandbox, {
            "items": apis.offset_stream(), "orders": apis.paged_stream(), "invoices": apis.token_stream(),
        }))
        changing = {"kind": "change_while_paging", "update": 2, "create": 1, "times": 12}
        sandbox.fault(sandbox.payment, **changing, match="/v1/charges")
        sandbox.fault(sandbox.payment, **changing, delete=1, match="/v1/customers")
        sandbox.fault(sandbox.erp, **changing, match="/odata")
        for path in ["/api", "/paged", "/token"]:
            sandbox.fault(sandbox.erp, **changing, delete=1, match=path)
        for name in ["pay", "books", "lists"]:
            home.run("sync", name, expect=None)
        for base in [sandbox.payment, sandbox.erp]:
            sandbox.clear_faults(base)
        # What the first of them lacks is called gone by the second, or by the third where a full page is the last one.
        for name in ["pay", "books", "lists"] * 3:
            home.sync(name)
        for name, stream, collection in [
            ("pay", "charges", "charges"), ("pay", "customers", "customers"), ("books", "customers", "Customers"),
            ("lists", "items", "Items"), ("lists", "orders", "Orders"), ("lists", "invoices", "Invoices"),
        ]:
            try:
                complete(sandbox, home, name, stream, collection)
            except AssertionError as error:
                raise AssertionError(f"{name}/{stream}: {error}") from error


def clocks_hours_apart():
    """A server whose clock is hours ahead or behind loses nothing, neither at once nor later."""
    with Sandbox(*WORDS) as sandbox:
        for hours in [-5, 5]:
            with Home() as home:
                for base in [sandbox.erp, sandbox.payment]:
                    sandbox.fault(base, kind="clock_skew", seconds=hours * 3600)
                books(sandbox, home)
                pay(sandbox, home)
                for _ in range(3):
                    sandbox.mutate(sandbox.erp, "Customers", create=3, update=1)
                    sandbox.mutate(sandbox.payment, "charges", create=3)
                    home.sync("books")
                    home.sync("pay")
                    for name, stream, base, collection in [
                        ("books", "customers", sandbox.erp, "Customers"), ("pay", "charges", sandbox.payment, "charges"),
                    ]:
                        source = sandbox.dump(base, collection)
                        assert home.folded(name, stream).keys() == source.keys(), (hours, name)
                        apis.delivered_once(home, name, stream)
                for base in [sandbox.erp, sandbox.payment]:
                    sandbox.clear_faults(base)


def anchors_that_vanish():
    """A server that starts over at an unknown `starting_after` is noticed: no endless list, nothing lost or twice."""
    with Sandbox("--customers", "120", "--charges", "10", "--compact") as sandbox:
        for restarts in [True, False]:
            with Home() as home:
                pay(sandbox, home, ["events", "customers"])
                if restarts:
                    sandbox.fault(sandbox.payment, kind="restart_on_unknown_anchor")
                # The records of each page vanish while the next one is asked for: so does the anchor.
                sandbox.fault(
                    sandbox.payment, kind="change_while_paging", match="/v1/customers", delete=10, after=2, times=1
                )
                home.run("sync", "pay", expect=None)
                sandbox.clear_faults(sandbox.payment)
                home.sync("pay")
                complete(sandbox, home, "pay", "customers", "customers")
                requests = sandbox.served(sandbox.payment)["total"]
                assert requests < 150, f"{requests} requests for 12 pages"


def sessions_that_end():
    """A session that ends in the middle of a sync is begun anew once, and the sync goes on."""
    with Sandbox(*WORDS) as sandbox, Home() as home:
        home.connector("books", apis.erp_session(sandbox, {"customers": apis.odata_stream()}))
        sandbox.fault(sandbox.erp, kind="expired_token", match="/", after=4)
        home.sync("books")
        complete(sandbox, home, "books", "customers", "Customers")
        logins = [r for r in sandbox.served(sandbox.erp)["requests"] if r["target"].startswith("/login")]
        assert len(logins) == 2, logins
        # A password that is no longer good: an error that says so, not a loop of logins.
        bad = apis.erp_session(sandbox, {"customers": apis.odata_stream()})
        bad["auth_config"]["password"] = "no-longer-good"
        home.connector("books", bad)
        last = home.run("sync", "books", expect=1).stderr.strip().split("\n")[-1]
        assert "/login" in last and "status 401" in last and "books/customers" in last, last
        logins = [r for r in sandbox.served(sandbox.erp)["requests"] if r["target"].startswith("/login")]
        assert len(logins) <= 4, logins


def ties(pages, style):
    """Fifty records of one timestamp on each side of a page boundary, by the paging style given."""
    stamp = "2026-03-01T12:00:00.123456Z"
    records = [{"id": n, "updated": f"2026-02-01T00:00:{n:02}Z"} for n in range(50)]
    records += [{"id": 100 + n, "updated": stamp} for n in range(100)]
    records += [{"id": 300 + n, "updated": f"2026-03-02T00:00:{n:02}Z"} for n in range(50)]

    def answer(path, query, headers):
        since = query.get("since", "")
        found = [r for r in records if r["updated"] >= since] if style != "descending" else [
            r for r in reversed(records) if since <= r["updated"] and r["updated"] < query.get("until", "9")
        ]
        skip = int(query.get("skip", 0))
        if "after" in query:
            skip = [r["id"] for r in found].index(int(query["after"])) + 1
        rows = found[skip:skip + pages]
        body = {"rows": rows, "more": skip + pages < len(found)}
        if body["more"]:
            kept = "&".join(f"{k}={v}" for k, v in query.items() if k != "skip")
            body["next"] = f"{path}?{kept}&skip={skip + pages}"
        return 200, body

    paging = {
        "server link": {"style": "link", "next": "next", "anchor": "server"},
        "cursor": {"style": "link", "next": "next", "anchor": "cursor"},
        "offset": {"style": "offset", "parameter": "skip", "size": {"value": pages}},
        "descending": {"style": "after_last", "parameter": "after", "field": "id", "more": "more"},
    }[style]
    bounds = {"lower": {"since": "${cursor}"}, "order": "ascending"}
    if style == "descending":
        bounds = {"lower": {"since": "${cursor}"}, "upper": {"until": "${until}"}, "order": "descending"}
    stream = {
        "path": "/list", "records": "rows", "key": "id", "paging": paging,
        "cursor": {"field": "updated", "format": "iso8601", **bounds},
    }
    with apis.Server(answer) as server, Home() as home:
        home.connector("tied", apis.plain(server.url, {"list": stream}))
        for _ in range(2):
            home.sync("tied")
            same(home.folded("tied", "list"), apis.records_of(records))
            assert len(home.lines("tied", "list")) == len(records)
        # One more of the same timestamp, as a slow transaction would bring it, and one that changed within the tick.
        records.insert(150, {"id": 200, "updated": records[-1]["updated"]})
        records.sort(key=lambda r: (r["updated"], r["id"]))
        records[-1]["note"] = "changed within one tick"
        home.sync("tied")
        same(home.folded("tied", "list"), apis.records_of(records))
        assert len(home.lines("tied", "list")) == 202


def ties_across_a_page_boundary():
    """Two pages with 50 records of the same timestamp across the boundary: each once, in every paging style."""
    for style in ["server link", "cursor", "offset", "descending"]:
        for pages in [100, 50, 20]:
            try:
                ties(pages, style)
            except AssertionError as error:
                raise AssertionError(f"{style}, pages of {pages}: {error}") from error


def an_empty_page_without_a_link():
    """When the last record of page 1 changes, some servers answer an empty page 2 without a link: nothing is lost."""
    records, asked = [], []

    def answer(path, query, headers):
        condition = query.get("$filter", "modified ge 0").split(" ge ")[1]
        found = sorted((r for r in records if r["modified"] >= condition), key=lambda r: (r["modified"], r["id"]))
        asked.append(query)
        if "$skiptoken" in query:
            anchor = next(r for r in records if r["id"] == int(query["$skiptoken"]))
            found = found[found.index(anchor) + 1:] if anchor in found else []
        rows = [dict(r) for r in found[:50]]
        body = {"value": rows}
        if len(found) > 50:
            rest = "&".join(f"{k}={v.replace(' ', '%20')}" for k, v in query.items() if k != "$skiptoken")
            body["@odata.nextLink"] = f"{server.url}{path}?{rest}&$skiptoken={rows[-1]['id']}"
        if len(asked) in (1, 4):
            # The page has left; its last record is changed before the next one is asked for.
            changed = next(r for r in records if r["id"] == rows[-1]["id"])
            changed.update(modified="2026-03-02T00:00:00Z", name="changed")
        return 200, body

    for anchor in ["cursor", "server"]:
        records[:] = [{"id": n, "modified": f"2026-03-01T{n // 60:02}:{n % 60:02}:00Z"} for n in range(530)]
        asked.clear()
        with apis.Server(answer) as server, Home() as home:
            stream = apis.odata_stream()
            stream["paging"]["anchor"] = anchor
            home.connector("books", apis.plain(server.url, {"customers": stream}, kind="erp"))
            home.sync("books")
            same(home.folded("books", "customers"), apis.records_of(records))
            apis.delivered_once(home, "books", "customers")


def an_anchor_that_moves_to_the_end():
    """A keyset server whose anchor record moves behind everything skips what lies between: the cursor does not follow."""
    records = []

    def answer(path, query, headers):
        condition = query.get("$filter", "modified ge 0").split(" ge ")[1]
        found = sorted((r for r in records if r["modified"] >= condition), key=lambda r: (r["modified"], r["id"]))
        if "$skiptoken" in query:
            places = [r["id"] for r in found]
            found = found[places.index(int(query["$skiptoken"])) + 1:]
        rows = [dict(r) for r in found[:50]]
        body = {"value": rows}
        if len(found) > 50:
            rest = "&".join(f"{k}={v.replace(' ', '%20')}" for k, v in query.items() if k != "$skiptoken")
            body["@odata.nextLink"] = f"{server.url}{path}?{rest}&$skiptoken={rows[-1]['id']}"
        if len(server.requests) == 1:
            for row, second in [(rows[-1], 0), (rows[0], 1)]:
                next(r for r in records if r["id"] == row["id"]).update(modified=f"2026-03-02T00:00:0{second}Z")
        return 200, body

    records[:] = [{"id": n, "modified": f"2026-03-01T{n // 60:02}:{n % 60:02}:00Z"} for n in range(530)]
    with apis.Server(answer) as server, Home() as home:
        stream = apis.odata_stream()
        # As most people will write it: without saying how the next page is to be asked for.
        del stream["paging"]["anchor"]
        home.connector("books", apis.plain(server.url, {"customers": stream}, kind="erp"))
        home.sync("books")
        same(home.folded("books", "customers"), apis.records_of(records))
        apis.delivered_once(home, "books", "customers")


ROWS = [{"id": n} for n in range(10)]


def endless(name, rule, body):
    """A list whose server always says that there is more must end, in an error that says so."""
    def answer(path, query, headers):
        if len(server.requests) > 1000:
            return 500, {}
        return 200, body(len(server.requests))

    with apis.Server(answer) as server, Home() as home:
        home.connector("odd", apis.plain(server.url, {"list": {"path": "/list", "records": "rows", "paging": rule}}))
        done = home.run("sync", "odd", expect=None)
        assert len(server.requests) < 200, (name, len(server.requests))
        assert done.returncode == 1 and "odd/list: failed" in done.stderr, (name, done.returncode, done.stderr[-500:])
        ids = [line["id"] for line in home.lines("odd", "list")]
        assert len(ids) == len(set(ids)), (name, ids)


def a_list_that_never_ends():
    """A server that always says that there is more of the same is not followed for ever: an error says so."""
    link, token = {"style": "link", "next": "next"}, {"style": "token", "parameter": "t", "next": "next"}
    offset = {"style": "offset", "parameter": "offset", "size": {"value": 10}}
    endless("link to itself", link, lambda n: {"rows": ROWS, "next": "/list?page=1"})
    endless("links to the same records", link, lambda n: {"rows": ROWS, "next": f"/list?page={n}"})
    endless("same token", token, lambda n: {"rows": ROWS, "next": "again"})
    endless("offset ignored", offset, lambda n: {"rows": ROWS})
    endless("another origin", link, lambda n: {"rows": ROWS, "next": "http://127.0.0.2:1/list"})


def a_list_of_endless_nothing():
    """A server that promises more and sends empty pages is not followed for ever either."""
    endless("more", {"style": "page", "parameter": "page", "more": "more"}, lambda n: {"rows": [], "more": True})
    endless("links", {"style": "link", "next": "next"}, lambda n: {"rows": [], "next": f"/list?page={n}"})


if __name__ == "__main__":
    main([
        recovered_within_the_sync, said_clearly_and_gone_on_from, failed_in_the_middle, wrong_shapes,
        overridden_keys_that_do_not_exist, pages_that_come_twice,
        pages_that_come_backwards, records_that_change_while_being_paged,
        clocks_hours_apart, anchors_that_vanish, sessions_that_end, ties_across_a_page_boundary,
        an_empty_page_without_a_link, an_anchor_that_moves_to_the_end, a_list_that_never_ends,
        a_list_of_endless_nothing,
    ])
