"""Lists as servers hand them out: in any order, by any paging, with any way to end; and the definitions that people
write for them, which may say otherwise.
"""
import concurrent.futures
import datetime
import json
import re
import subprocess
import urllib.parse

import apis
from connectord import Home, exact

# Where the error for the person must point: a key of the connector file.
NAMED = re.compile(r"`(paging|cursor|key|records|record|path|resync|deletes|deleted|errors|empty|more|next|order|lookback)(\.\w+)*`")
BASE = datetime.datetime(2026, 3, 1)
SIZE = 50


def stamp(seconds):
    return (BASE + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(count, spacing=60, first=0):
    return [{"id": n, "updated": stamp(n * spacing), "text": f"row {n}"} for n in range(first, first + count)]


def ascending(record):
    return (record["updated"], record["id"])


def by_id(record):
    return (record["id"],)


def dated(record):
    """Records without a usable time are in every answer, as with a filter that says `OR updated IS NULL`."""
    return isinstance(record.get("updated"), str) and record["updated"].startswith("2")


class Source:
    """One list: its records, the order in which the server really has them, and how it hands them out.

    `rank` is the server's order (with `reverse`, newest first). Positions count records; with `keyset` they follow the
    last record handed out. `envelope(page)` adds members to an answer, `past(page)` answers behind the end, and
    `before(number, query)` runs before an answer is made: it may change the records, or answer in its place.
    """

    def __init__(self, records, style="page", size=SIZE, rank=ascending, reverse=False, keyset=False, cap=None,
                 filters=True, first=1, envelope=None, past=None, before=None):
        self.records, self.style, self.size, self.rank, self.reverse = records, style, size, rank, reverse
        self.keyset, self.cap, self.filters, self.first = keyset, cap, filters, first
        self.envelope, self.past, self.before = envelope, past, before
        self.link = "{}?{}".format
        self.asked = []
        self.pages = []

    def change(self, key, **fields):
        next(r for r in self.records if r["id"] == key).update(fields)

    def delete(self, key):
        self.records[:] = [r for r in self.records if r["id"] != key]

    def found(self, query):
        bounds = (query.get("since", ""), query.get("until", "9")) if self.filters else ("", "9")
        # Without the zone, which is always the same, texts with and without fractions compare as times do.
        since, until = (text.removesuffix("Z") for text in bounds)
        found = [r for r in self.records if not dated(r) or since <= r["updated"].removesuffix("Z") < until]
        return sorted(found, key=self.rank, reverse=self.reverse)

    def begin(self, found, query, size):
        position = query.get({"page": "page", "offset": "offset", "after_last": "after"}.get(self.style, "skip"))
        if position is None:
            return 0
        if self.style == "page":
            return (int(position) - self.first) * size
        if self.style == "after_last":
            places = [r["id"] for r in found]
            return places.index(int(position)) + 1 if int(position) in places else len(found)
        if self.keyset:
            last = tuple(json.loads(position))
            return sum((self.rank(r) <= last) != self.reverse or self.rank(r) == last for r in found)
        return int(position)

    def answer(self, path, query, headers):
        self.asked.append(dict(query))
        if self.before is not None:
            instead = self.before(len(self.asked), query)
            if instead is not None:
                return instead
        found = self.found(query)
        size = min(int(query.get("limit", self.size)), self.cap or 10_000)
        try:
            begin = self.begin(found, query, size)
        except (TypeError, ValueError):
            return 400, {"error": "this is no position"}
        page = Page(self, path, query, found, begin, size)
        if begin > 0 and not page.rows and self.past is not None:
            return self.past(page)
        self.pages.append(page)
        body, sent = {"rows": page.rows}, {}
        if self.style == "none":
            body["rows"] = found
        elif self.style in ("link", "token", "link_header") and page.goes_on:
            if self.style == "link":
                body["next"] = page.link
            elif self.style == "token":
                body["next"] = page.position
            else:
                sent["Link"] = f'<{page.link}>; rel="next"'
        body.update(self.envelope(page) if self.envelope else {})
        return 200, body, sent


class Page:
    def __init__(self, source, path, query, found, begin, size):
        self.source, self.path, self.query, self.found, self.begin, self.size = source, path, query, found, begin, size
        # Copies: a record that changes later has left as it was.
        self.rows = [dict(r) for r in found[begin:begin + size]]
        self.goes_on = begin + size < len(found)

    @property
    def number(self):
        return self.begin // self.size + 1

    @property
    def count(self):
        return -(-len(self.found) // self.size)

    @property
    def position(self):
        return json.dumps(self.source.rank(self.rows[-1])) if self.source.keyset else str(self.begin + self.size)

    @property
    def link(self):
        kept = {k: v for k, v in self.query.items() if k != "skip"}
        query = urllib.parse.urlencode({**kept, "skip": self.position})
        return self.source.link(self.path, query)


POSITIONS = {
    "page": {"parameter": "page"}, "offset": {"parameter": "offset"}, "none": {}, "link": {"next": "next"},
    "after_last": {"parameter": "after", "field": "id"}, "token": {"parameter": "skip", "next": "next"},
    "link_header": {},
}


def stream(style, order="ascending", size=SIZE, cursor=None, **paging):
    """A stream of a connector file; without an order it has no cursor, and reads everything each time."""
    rule = {"style": style, **POSITIONS[style], **paging}
    if style != "none":
        rule["size"] = {"parameter": "limit", "value": size}
    result = {"path": "/list", "records": "rows", "key": "id", "paging": rule}
    if order is not None:
        result["cursor"] = {
            "field": "updated", "format": "iso8601", "order": order, "lower": {"since": "${cursor}"}, **(cursor or {}),
        }
    return result


class Run:
    """One run of `sync`, as a person at a shell sees it."""

    def __init__(self, code, results, words, requests):
        self.code, self.results, self.words, self.requests = code, results, words, requests

    @property
    def failure(self):
        return "; ".join(result["error"] for result in self.results.values() if result.get("error"))

    @property
    def names_a_key(self):
        return bool(NAMED.search(self.failure))

    def __repr__(self):
        return f"exit {self.code} after {self.requests} requests: {self.failure[:400] or self.words[-400:]}"


class Trial:
    """A source, its server, and a connector file that may not fit."""

    def __init__(self, source, definition, **connector):
        self.source, self.connector, self.environment = source, connector, {}
        self.server = apis.Server(source.answer)
        self.home = Home()
        self.define(definition)

    def define(self, definition, **connector):
        # Mistakes are not hidden by a second try that comes at once.
        self.connector.update(connector)
        self.home.connector("odd", apis.plain(self.server.url, {"list": definition}, **self.connector))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        self.home.__exit__()

    def sync(self, *words, target="odd", expect=None):
        before = len(self.source.asked)
        try:
            done = self.home.run("sync", target, "--json", *words, expect=None, seconds=300, env=self.environment)
        except subprocess.TimeoutExpired as error:
            asked = self.source.asked[before:]
            raise AssertionError(f"no end after {len(asked)} requests, the last ones {asked[-3:]}") from error
        results = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
        results = {result["stream"]: result for result in results}
        run = Run(done.returncode, results, done.stderr.strip(), len(self.source.asked) - before)
        assert expect is None or run.code == expect, run
        return run

    @property
    def lines(self):
        return self.home.lines("odd", "list")

    @property
    def deleted(self):
        return [line["id"] for line in self.lines if line["op"] == "delete"]

    def missing(self):
        """Records of the source that a reader of the lines does not have, or has otherwise."""
        there = self.home.folded("odd", "list")
        return [r["id"] for r in self.source.records if there.get(r["id"]) != exact(json.dumps(r))]

    def repeated(self):
        """Lines that tell a reader nothing new."""
        known, repeated = {}, []
        for line in self.lines:
            before = known.get(line["id"])
            if before == (line["op"], line["record"]):
                repeated.append(line["id"])
            known[line["id"]] = (line["op"], line["record"])
        return repeated

    def status(self):
        return apis.status(self.home)["odd/list"]

    def whole_or_refused(self, runs=3):
        """All arrive within a few runs, or the last of them fails and says which key to correct."""
        for _ in range(runs):
            run = self.sync()
            if run.code == 0 and not self.missing():
                return run
        missing = self.missing()
        assert run.code != 0, f"{len(missing)} of {len(self.source.records)} are missing, and the run succeeded"
        assert run.names_a_key, f"the failure names no key: {run}"
        return run

    def whole(self):
        """All arrive by one run, which succeeds."""
        run = self.sync()
        missing = self.missing()
        assert run.code == 0, f"{len(missing)} of {len(self.source.records)} are missing; {run}"
        assert not missing, f"{len(missing)} of {len(self.source.records)} are missing, such as {missing[:3]}"
        return run


class Table:
    """Many small cases of one sentence: all are tried, several at a time, and those that fail are named."""

    WORKERS = 4

    def __init__(self):
        self.cases = []

    def case(self, name, body, *words):
        self.cases.append((name, body, words))

    def end(self):
        with concurrent.futures.ThreadPoolExecutor(self.WORKERS) as pool:
            wrong = list(filter(None, pool.map(lambda case: self.wrong(*case), self.cases)))
        print(f"  {len(self.cases)} cases")
        for line in wrong:
            print(f"  wrong: {line}")
        assert not wrong, f"{len(wrong)} of {len(self.cases)}: {wrong[0]}"

    def wrong(self, name, body, words):
        try:
            body(*words)
        except AssertionError as error:
            return f"{name}: {str(error)[:300]}"
