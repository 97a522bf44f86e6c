"""The benchmark's data, measurements and comparison; deploy/bench calls it.

    bench.py generate DIR CHARGES ROWS      makes the static pages, the same for the same numbers
    bench.py run DIR CONNECTORD ROUNDS [--profile]
                                            serves them with nginx, measures curl and the daemon in turns, compares

The measuring process stays small: on Linux the peak memory of a child counts its parent's before the exec.
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

CHARGES_PER_PAGE = 100
ROWS_PER_PAGE = 1_000
NEWEST_CHARGE = 1_700_000_000
FIRST_ROW_DAY = 1_600_000_000
# Beyond a double's 53 bits.
BIG_INTEGER = 9_007_199_254_740_993
PROFILE_LINES = 45


# MARK: Data


def charge_skeleton():
    """A charge of about 2.5 KB; texts beginning with @ are replaced by the record's own values."""
    return {
        "id": "@id", "object": "charge", "amount": "@amount", "amount_captured": "@amount", "amount_refunded": 0,
        "application": None, "application_fee": None, "application_fee_amount": None,
        "balance_transaction": "@transaction",
        "billing_details": {
            "address": {
                "city": "Zürich", "country": "CH", "line1": "Bahnhofstrasse 1", "line2": None,
                "postal_code": "8001", "state": None,
            },
            "email": "@email", "name": "Ada \"Countess\" Lovelace", "phone": "+41 44 000 00 00",
        },
        "calculated_statement_descriptor": "EXAMPLE AG", "captured": True, "created": "@created", "currency": "chf",
        "customer": "@customer", "description": "Invoice, line 1\nline 2 \\ with a backslash", "destination": None,
        "dispute": None, "disputed": False, "failure_balance_transaction": None, "failure_code": None,
        "failure_message": None, "fraud_details": {}, "invoice": None, "livemode": False,
        "metadata": {
            "order": "@order", "external_total": "@decimal", "ledger_entry": "@big", "exchange_rate": "@rate",
            "note": "packed by hand; [brackets] {braces} and \"quotes\" belong to the text",
        },
        "on_behalf_of": None, "order": None,
        "outcome": {
            "network_status": "approved_by_network", "reason": None, "risk_level": "normal", "risk_score": "@risk",
            "seller_message": "Payment complete.", "type": "authorized",
        },
        "paid": True, "payment_intent": "@intent", "payment_method": "@method",
        "payment_method_details": {
            "card": {
                "amount_authorized": "@amount", "brand": "visa",
                "checks": {
                    "address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass",
                },
                "country": "CH", "exp_month": 8, "exp_year": 2031,
                "extended_authorization": {"status": "disabled"}, "fingerprint": "Xt5EWLLDS7FJjR1c",
                "funding": "credit", "incremental_authorization": {"status": "unavailable"}, "installments": None,
                "last4": "4242", "mandate": None, "multicapture": {"status": "unavailable"}, "network": "visa",
                "network_token": {"used": False},
                "overcapture": {"maximum_amount_capturable": "@amount", "status": "unavailable"},
                "three_d_secure": None, "wallet": None,
            },
            "type": "card",
        },
        "radar_options": {}, "receipt_email": "@email", "receipt_number": None,
        "receipt_url": "https://pay.example.com/receipts/payment/CAcaFwoVYWNjdF8xTTJKVGtMa2RJd0h1N2l4KJ-_zqwGMgYHZ2",
        "refunded": False, "review": None,
        "shipping": {
            "address": {
                "city": "Basel", "country": "CH", "line1": "Marktplatz 9", "line2": "2. Stock",
                "postal_code": "4001", "state": "BS",
            },
            "carrier": None, "name": "Grace Hopper", "phone": None, "tracking_number": None,
        },
        "source": None, "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "succeeded", "transfer_data": None,
        "transfer_group": "@order",
    }


def charge_values(number):
    """Everything that differs between charges, from its number alone."""
    mixed = (number * 2_654_435_761) % 4_294_967_296
    key = f"{mixed:08x}{number:08d}"
    text = json.dumps
    return {
        "id": text(charge_id(number)), "amount": str(100 + mixed % 9_999_900), "created": str(NEWEST_CHARGE - number // 3),
        "transaction": text(f"txn_3M{key}"), "customer": text(f"cus_{mixed:08X}"), "intent": text(f"pi_3M{key}"),
        "method": text(f"pm_1M{key}"), "email": text(f"customer{mixed % 100_000}@example.com"),
        "order": text(f"order-{number:07d}"), "big": str(BIG_INTEGER + 2 * number), "risk": str(mixed % 100),
        "decimal": f"{123_456_789_012 + mixed}.{mixed % 1_000_000:06d}", "rate": f"1.{mixed:010d}{number:07d}e-3",
    }


def charge_id(number):
    return f"ch_3M{(number * 2_654_435_761) % 4_294_967_296:08x}{number:08d}"


def template(skeleton, **layout):
    """The record's JSON with a format field where each value goes."""
    text = json.dumps(skeleton, ensure_ascii=False, **layout).replace("%", "%%")
    for name in charge_values(0):
        text = text.replace(f'"@{name}"', f"%({name})s")
    return text


def page_of_charges(record, numbers, count, values, rest=""):
    more = "true" if numbers.stop < count else "false"
    records = ",".join(record % values(number) for number in numbers)
    return f'{{"object":"list","data":[{records}],"has_more":{more},"url":"/v1/charges"{rest}}}'


def write_charges(folder, count, pretty):
    folder.mkdir(parents=True)
    if pretty:
        record = template(charge_skeleton(), indent=2).replace("\n", "\n    ")
        head, between, tail = '{\n  "object": "list",\n  "data": [\n    ', ",\n    ", '\n  ],\n  "has_more": %s,\n  "url": "/v1/charges"\n}\n'
    else:
        record = template(charge_skeleton(), separators=(",", ":"))
        head, between, tail = '{"object":"list","data":[', ",", '],"has_more":%s,"url":"/v1/charges"}'
    for first in range(0, count, CHARGES_PER_PAGE):
        numbers = range(first, min(first + CHARGES_PER_PAGE, count))
        more = "true" if numbers.stop < count else "false"
        page = head + between.join(record % charge_values(number) for number in numbers) + tail % more
        name = "first" if first == 0 else charge_id(first - 1)
        (folder / f"{name}.json").write_text(page)


def write_numbered_charges(pages, count):
    """The compact pages by number, with links from one to the next, and with one record in a hundred changed."""
    record = template(charge_skeleton(), separators=(",", ":"))
    for name in ["compact_paged", "compact_linked", "compact_changed"]:
        (pages / name).mkdir()
    for number, first in enumerate(range(0, count, CHARGES_PER_PAGE), 1):
        numbers = range(first, min(first + CHARGES_PER_PAGE, count))
        name = "first" if first == 0 else charge_id(first - 1)
        os.link(pages / "compact" / f"{name}.json", pages / "compact_paged" / f"{number}.json")
        link = f',"next":"/linked/v1/charges?page={number + 1}"' if numbers.stop < count else ""
        linked = page_of_charges(record, numbers, count, charge_values, link)
        (pages / "compact_linked" / f"{number}.json").write_text(linked)
        changed = page_of_charges(record, numbers, count, changed_charge_values)
        (pages / "compact_changed" / f"{number}.json").write_text(changed)


def is_changed(number):
    return number % 100 == 37


def changed_charge_values(number):
    values = charge_values(number)
    if is_changed(number):
        values["amount"] = str(int(values["amount"]) + 1)
    return values


def charge_pages(count):
    """The names of the pages, in the order of the walk."""
    return ["first"] + [charge_id(first - 1) for first in range(CHARGES_PER_PAGE, count, CHARGES_PER_PAGE)]


def row(number):
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(FIRST_ROW_DAY + number // 4))
    mixed = (number * 2_654_435_761) % 4_294_967_296
    return (
        f'{{"id":{BIG_INTEGER + number},"code":"A-{number:07d}","name":"Item {mixed:08x}","price":{mixed % 1_000_000}.'
        f'{mixed:010d}00,"active":true,"modified":"{moment}.{number % 4 * 250:03d}Z"}}'
    )


def write_rows(folder, count):
    folder.mkdir(parents=True)
    for page, first in enumerate(range(0, count, ROWS_PER_PAGE), 1):
        numbers = range(first, min(first + ROWS_PER_PAGE, count))
        link = f',"@odata.nextLink":"/rows/odata/Items?$skiptoken={page + 1}"' if numbers.stop < count else ""
        rows = ",".join(map(row, numbers))
        (folder / f"{page}.json").write_text(f'{{"@odata.context":"$metadata#Items","value":[{rows}]{link}}}')


def write_other_rows(pages, count):
    """The rows newest first, and with one in a hundred changed."""
    for name in ["rows_down", "rows_changed"]:
        (pages / name).mkdir()
    for page, first in enumerate(range(0, count, ROWS_PER_PAGE), 1):
        numbers = range(first, min(first + ROWS_PER_PAGE, count))
        link = f',"@odata.nextLink":"/down/odata/Items?$skiptoken={page + 1}"' if numbers.stop < count else ""
        down = ",".join(row(count - 1 - number) for number in numbers)
        (pages / "rows_down" / f"{page}.json").write_text(f'{{"@odata.context":"$metadata#Items","value":[{down}]{link}}}')
        rows = ",".join(row(n).replace("Item ", "Item* ") if is_changed(n) else row(n) for n in numbers)
        (pages / "rows_changed" / f"{page}.json").write_text(f'{{"@odata.context":"$metadata#Items","value":[{rows}]}}')


def row_pages(count):
    """The names of the pages newest first, each by the last row of the one before."""
    stops = range(ROWS_PER_PAGE, count, ROWS_PER_PAGE)
    return ["first"] + [str(BIG_INTEGER + count - stop) for stop in stops]


def write_keyset_rows(pages, count):
    """The pages newest first, by the names that a keyset asks for."""
    (pages / "rows_keyset").mkdir()
    for number, name in enumerate(row_pages(count), 1):
        (pages / "rows_keyset" / f"{name}.json").symlink_to(pages / "rows_down" / f"{number}.json")


def generate(folder, charges, rows):
    shutil.rmtree(folder, ignore_errors=True)
    for name, pretty in [("compact", False), ("pretty", True)]:
        write_charges(folder / "pages" / name, charges, pretty)
        print(f"   {name} charges: {charges}, {size(folder / 'pages' / name) // charges} bytes each", flush=True)
    write_charges(folder / "pages" / "small", 100, pretty=False)
    write_rows(folder / "pages" / "rows", rows)
    print(f"   rows: {rows}, {size(folder / 'pages' / 'rows') // rows} bytes each", flush=True)
    write_numbered_charges(folder / "pages", charges)
    write_other_rows(folder / "pages", rows)
    write_keyset_rows(folder / "pages", rows)
    print("   the same by number, linked newest first, and with one in a hundred changed", flush=True)
    # Written last: a folder without it was left half done.
    (folder / "counts.json").write_text(json.dumps({"charges": charges, "rows": rows}))


def size(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


# MARK: Server

NGINX = """
daemon off;
{user}
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/nginx.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=10000 inactive=600s;
    default_type application/json;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    map $arg_starting_after $charge_page {{ "" first; default $arg_starting_after; }}
    map $arg_page $number {{ "" 1; default $arg_page; }}
    map $args $row_page {{ default 1; "~skiptoken=(?<token>[0-9]+)" $token; }}
    # The closing query asks from the cursor on: nothing changed since.
    map $args $is_closing {{ default 0; "~created%5Bgte%5D" 1; "~modified%20ge" 1; "~from=" 1; }}
    map $arg_after $row_keyset {{ "" first; default $arg_after; }}
    server {{
        listen 127.0.0.1:{port};
        root {pages};
        location ~ ^/(?<kind>compact|pretty|small)/v1/charges$ {{
            if ($is_closing) {{ return 200 '{{"object":"list","data":[],"has_more":false}}'; }}
            try_files /$kind/$charge_page.json =404;
        }}
        location = /keyset/odata/Items {{
            if ($is_closing) {{ return 200 '{{"value":[]}}'; }}
            try_files /rows_keyset/$row_keyset.json @no_rows;
        }}
        location = /linked/v1/charges {{
            if ($is_closing) {{ return 200 '{{"object":"list","data":[],"has_more":false}}'; }}
            try_files /compact_linked/$number.json =404;
        }}
        location = /down/odata/Items {{
            if ($is_closing) {{ return 200 '{{"value":[]}}'; }}
            try_files /rows_down/$row_page.json =404;
        }}
        # Behind these names lie the pages as they were, or those with changes.
        location = /paged/v1/charges {{
            open_file_cache off;
            root {work};
            try_files /charges_now/$number.json @no_charges;
        }}
        location = /paged/odata/Items {{
            open_file_cache off;
            root {work};
            try_files /rows_now/$number.json @no_rows;
        }}
        location @no_charges {{ return 200 '{{"object":"list","data":[],"has_more":false}}'; }}
        location @no_rows {{ return 200 '{{"value":[]}}'; }}
    }}
}}
"""


class Server:
    """nginx in the foreground, ended by its pid."""

    def __init__(self, pages, work):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # Started by root, nginx would read the pages as a user of its own, who may not enter the cache folder.
        user = "user root;" if os.geteuid() == 0 else ""
        (work / "nginx.conf").write_text(NGINX.format(port=self.port, user=user, work=work, pages=pages))
        words = ["nginx", "-p", str(work), "-c", str(work / "nginx.conf"), "-e", str(work / "nginx.log")]
        self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}"
        self.await_port(work)

    def await_port(self, work):
        for _ in range(200):
            if self.child.poll() is not None:
                sys.exit(f"nginx did not start: {(work / 'nginx.log').read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("nginx did not listen within 10 s")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait()


# MARK: Measurements

Figures = collections.namedtuple("Figures", "wall cpu rss_megabytes")


def measure(words, output):
    """Runs a program to its end. Its output goes to a file."""
    with open(output, "wb") as target, open(f"{output}.err", "wb") as errors:
        began = time.monotonic()
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=target, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(words)} ended with {child.returncode}: {pathlib.Path(f'{output}.err').read_text()[-600:]}")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Case:
    """One way to read one set of pages: fetched by curl, synced by the daemon."""

    def __init__(self, title, kind, count, pages, connector, urls, **other):
        self.title, self.kind, self.count, self.pages = title, kind, count, pages
        self.connector, self.urls = connector, urls
        # Of curl's rate; of curl's CPU.
        self.goal, self.cpu_goal = other.get("goal"), other.get("cpu_goal")
        # Goes on with the state of the case before, whose source is as it was, or has changed.
        self.follows, self.is_changed = other.get("follows", False), other.get("is_changed", False)
        # Delivered beside the pages' records by the time that the state has been read: those of the changed pages.
        self.changes = other.get("changes")
        self.curl, self.daemon = [], []

    @property
    def stream(self):
        return "charges" if "charges" in self.connector("")["streams"] else "items"


def erp(base, **stream):
    name = "charges" if "charges" in stream["path"] else "items"
    records = {"records": "data", "key": "id"} if name == "charges" else {"records": "value", "key": "id"}
    return {"kind": "erp", "base_url": base, "auth_type": "none", "streams": {name: stream | records}}


def keyset_charges(kind):
    """Only the base URL differs from what a user writes."""
    return lambda base: {
        "definition": "stripe", "base_url": f"{base}/{kind}", "api_key": "sk_bench", "rate_limit": 100_000,
        "burst_limit": 100_000, "streams": {"charges": {}},
    }


def keyset_rows(base):
    cursor = {"field": "modified", "format": "iso8601", "order": "descending", "lookback": "1s",
              "lower": {"from": "${cursor}"}, "upper": {"until": "${until}"}}
    paging = {"style": "after_last", "parameter": "after", "field": "id"}
    return erp(f"{base}/keyset", path="/odata/Items", paging=paging, cursor=cursor)


def linked_charges(base):
    cursor = {"field": "created", "format": "unix", "order": "descending", "lookback": "1s",
              "lower": {"created[gte]": "${cursor}"}}
    return erp(f"{base}/linked", path="/v1/charges", paging={"style": "link", "next": "next"}, cursor=cursor)


def linked_rows(base):
    cursor = {"field": "modified", "format": "iso8601", "order": "descending", "lookback": "1s",
              "lower": {"$filter": "modified ge ${cursor}"}}
    paging = {"style": "link", "next": ["@odata.nextLink"]}
    return erp(f"{base}/down", path="/odata/Items", paging=paging, cursor=cursor)


def paged_charges(base):
    return erp(f"{base}/paged", path="/v1/charges", paging={"style": "page", "parameter": "page", "more": "has_more"})


def paged_rows(base):
    return erp(f"{base}/paged", path="/odata/Items", paging={"style": "page", "parameter": "page"})


class Bench:
    def __init__(self, folder, connectord, definitions):
        self.folder, self.connectord, self.definitions = folder, connectord, definitions
        self.work = folder / f"work.{os.getpid()}"
        counts = json.loads((folder / "counts.json").read_text())
        self.cases = self.charges(counts["charges"]) + self.rows(counts["rows"])
        self.small = Case("100 charges", "small", 100, ["first"], keyset_charges("small"), lambda base: [])

    @staticmethod
    def charges(count):
        names, numbers = charge_pages(count), range(1, (count - 1) // CHARGES_PER_PAGE + 2)

        def keyset(kind):
            def urls(base):
                path = f"{base}/{kind}/v1/charges?limit=100"
                return [path if name == "first" else f"{path}&starting_after={name}" for name in names]
            return urls

        def numbered(folder):
            return lambda base: [f"{base}/{folder}/v1/charges?page={number}" for number in numbers]

        paged, linked = numbered("paged"), numbered("linked")
        return [
            Case("charges, keyset", "compact", count, names, keyset_charges("compact"), keyset("compact"),
                 goal=0.75, cpu_goal=3),
            Case("charges, keyset, pretty", "pretty", count, names, keyset_charges("pretty"), keyset("pretty")),
            Case("charges, link, newest first", "compact_linked", count, numbers, linked_charges, linked,
                 goal=0.55, cpu_goal=3),
            Case("charges, page, no cursor", "compact_paged", count, numbers, paged_charges, paged,
                 goal=0.55, cpu_goal=3, changes="compact_changed"),
            Case("  again, unchanged", "compact_paged", count, numbers, paged_charges, paged,
                 goal=0.6, cpu_goal=3, follows=True),
            Case("  again, 1 % changed", "compact_changed", count, numbers, paged_charges, paged,
                 cpu_goal=3, follows=True, is_changed=True),
        ]

    @staticmethod
    def rows(count):
        numbers = range(1, (count - 1) // ROWS_PER_PAGE + 2)

        def tokens(folder):
            return lambda base: [f"{base}/{folder}/odata/Items?$skiptoken={number}" for number in numbers]

        def paged(base):
            return [f"{base}/paged/odata/Items?page={number}" for number in numbers]

        def keyset(base):
            path = f"{base}/keyset/odata/Items"
            return [path if name == "first" else f"{path}?after={name}" for name in row_pages(count)]

        return [
            Case("rows, keyset", "rows_keyset", count, row_pages(count), keyset_rows, keyset, goal=0.45),
            Case("rows, link, newest first", "rows_down", count, numbers, linked_rows, tokens("down"), goal=0.1),
            Case("rows, page, no cursor", "rows", count, numbers, paged_rows, paged, goal=0.1, changes="rows_changed"),
            Case("  again, unchanged", "rows", count, numbers, paged_rows, paged, goal=0.15, follows=True),
            Case("  again, 1 % changed", "rows_changed", count, numbers, paged_rows, paged, follows=True,
                 is_changed=True),
        ]

    def curl(self, case, base):
        urls = self.work / "curl.urls"
        urls.write_text("".join(f'url = "{url}"\n' for url in case.urls(base)))
        return measure(["curl", "-s", "-S", "-f", "-g", "-K", str(urls)], self.work / "curl.out")

    def home(self, case):
        # A socket's path is short.
        return self.work / str((self.cases + [self.small]).index(self.leader(case)))

    def leader(self, case):
        """The case whose state it goes on with."""
        cases = self.cases + [self.small]
        place = cases.index(case)
        while cases[place].follows:
            place -= 1
        return cases[place]

    def sync_words(self, case, base):
        """The command, on a state of its own that begins empty, or as the case before left it."""
        home = self.home(case)
        if not case.follows:
            shutil.rmtree(home, ignore_errors=True)
            (home / "connectors.d").mkdir(parents=True)
            (home / "connectors.d" / "bench.json5").write_text(json.dumps(case.connector(base)))
        return [
            self.connectord, "sync", f"bench/{case.stream}", "--config", str(home), "--state", str(home / "state"),
            "--definitions", str(self.definitions),
        ]

    def serve(self, is_changed):
        """Which pages are behind the names of those that change."""
        pages = self.folder / "pages"
        for name, before, after in [
            ("charges_now", "compact_paged", "compact_changed"), ("rows_now", "rows", "rows_changed"),
        ]:
            link = self.work / name
            link.unlink(missing_ok=True)
            link.symlink_to(pages / (after if is_changed else before))

    def sync(self, case, base):
        return measure(self.sync_words(case, base), self.work / "sync.out")

    def run(self, rounds, with_profile):
        self.work.mkdir(parents=True)
        try:
            with Server(self.folder / "pages", self.work) as server:
                for turn in range(rounds + 1):
                    self.turn(turn, server.url)
                self.report(rounds)
                self.small_sync(rounds, server.url)
                status = self.compare()
                if with_profile:
                    self.serve(is_changed=False)
                    for case in self.cases:
                        if case.goal is not None and not case.follows:
                            self.profile(case, server.url)
            return status
        finally:
            shutil.rmtree(self.work, ignore_errors=True)

    def turn(self, turn, base):
        print(f"   {f'round {turn}' if turn else 'warm-up'}", flush=True)
        for case in self.cases:
            self.serve(case.is_changed)
            curl, daemon = self.curl(case, base), self.sync(case, base)
            if turn:
                case.curl.append(curl)
                case.daemon.append(daemon)

    def small_sync(self, rounds, base):
        figures = median([self.sync(self.small, base) for _ in range(rounds)])
        print(
            f"\nA sync of 100 charges, from start to exit: {figures.wall * 1000:.0f} ms, "
            f"{figures.cpu * 1000:.0f} ms CPU, {figures.rss_megabytes:.0f} MB peak"
        )

    def report(self, rounds):
        print(f"\nMedians of {rounds} rounds; MB/s counts the bytes of the pages.")
        heads = ["", "records/s", "MB/s", "CPU s", "peak MB", "of curl's rate", "of curl's CPU", "goals"]
        lines = [heads]
        for case in self.cases:
            curl, daemon = median(case.curl), median(case.daemon)
            megabytes = size(self.folder / "pages" / case.kind) / 1e6
            lines.append(cells(f"{case.title}: curl", curl, case.count, megabytes) + ["", "", ""])
            rate, cpu = curl.wall / daemon.wall, daemon.cpu / curl.cpu
            goals = f"rate {verdict(rate, '>=', case.goal)}" if case.goal else ""
            if case.cpu_goal:
                goals = ", ".join(filter(None, [goals, f"CPU {verdict(cpu, '<=', case.cpu_goal)}"]))
            memory = f"memory {verdict(daemon.rss_megabytes, '<', 64)}"
            lines.append(
                cells("  aitbc-connectord", daemon, case.count, megabytes)
                + [f"{rate:.2f}", f"{cpu:.2f}", ", ".join(filter(None, [goals, memory]))]
            )
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        for line in lines:
            first, *middle, last = line
            print("  ".join([first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(middle, widths[1:])), last]))
        sys.stdout.flush()

    def profile(self, case, base):
        """Where the time goes: the functions of their own, and those with all they call."""
        record = self.work / "perf.data"
        words = ["perf", "record", "-q", "-F", "997", "-g", "-o", str(record), "--", *self.sync_words(case, base)]
        measure(words, self.work / "perf.out")
        for title, options in [("in itself", ["--no-children"]), ("with what it calls", ["--children"])]:
            print(f"\n{case.title}: share of CPU by function, {title}")
            report = ["perf", "report", "-i", str(record), "--stdio", "-g", "none", "--percent-limit", "0.7", *options]
            done = subprocess.run(report, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("#")]
            names = subprocess.run(
                ["swift", "demangle", "--simplified"], input="\n".join(lines[:PROFILE_LINES]), capture_output=True, text=True
            )
            print("\n".join(line[:160] for line in names.stdout.splitlines()), flush=True)

    def compare(self):
        """In a process of its own for each case: all are there, in order, and every one equals its source."""
        print()
        is_equal = True
        for case in self.cases:
            if case.follows:
                continue
            names = "\n".join(f"{page}.json" for page in case.pages)
            words = [sys.executable, __file__, "compare", str(self.folder / "pages" / case.kind),
                     str(self.home(case) / "state" / "data" / "bench" / case.stream)]
            if case.changes:
                words.append(str(self.folder / "pages" / case.changes))
            done = subprocess.run(words, input=names, text=True)
            is_equal = is_equal and done.returncode == 0
        return 0 if is_equal else 1


def median(figures):
    return Figures(*(statistics.median(values) for values in zip(*figures)))


def cells(title, figures, count, megabytes):
    return [
        title, f"{count / figures.wall:,.0f}", f"{megabytes / figures.wall:,.0f}", f"{figures.cpu:.2f}",
        f"{figures.rss_megabytes:.0f}",
    ]


def verdict(value, relation, goal):
    holds = {">=": value >= goal, "<=": value <= goal, "<": value < goal}[relation]
    return f"{relation} {goal} {'reached' if holds else 'MISSED'}"


# MARK: Comparison


def compare(pages, delivered, changes=None):
    """Walks pages and delivered lines side by side; numbers are decimals, never doubles. Behind the records of the
    pages come those that differ in the changed ones."""
    import decimal

    def exact(text):
        return json.loads(text, parse_float=decimal.Decimal)

    def records(folder, name):
        page = exact((folder / name).read_bytes())
        return page["data"] if "data" in page else page["value"]

    def sources():
        names = sys.stdin.read().split()
        for name in names:
            yield from records(pages, name)
        for name in names if changes else []:
            pairs = zip(records(pages, name), records(changes, name))
            yield from (after for before, after in pairs if before != after)

    def lines():
        for path in sorted(delivered.glob("*.jsonl")):
            with path.open("rb") as file:
                yield from file

    count = 0
    arrived = lines()
    for source in sources():
        line = next(arrived, None)
        if line is None:
            sys.exit(f"   {pages.name}: only {count} records arrived")
        found = exact(line)
        if found["record"] != source or found["id"] != source["id"] or found["op"] != "upsert":
            sys.exit(f"   {pages.name}: record {count + 1} differs: {source['id']} came as {line[:300]!r}")
        count += 1
    if next(arrived, None) is not None:
        sys.exit(f"   {pages.name}: more arrived than the {count} records of the source")
    print(f"   {pages.name}: every one of {count} records equals its source", flush=True)


def main(words):
    folder = pathlib.Path(words[1])
    if words[0] == "generate":
        generate(folder, int(words[2]), int(words[3]))
    elif words[0] == "run":
        definitions = pathlib.Path(__file__).resolve().parents[2] / "config" / "definitions"
        sys.exit(Bench(folder, words[2], definitions).run(int(words[3]), "--profile" in words))
    else:
        compare(folder, *map(pathlib.Path, words[2:]))


if __name__ == "__main__":
    main(sys.argv[1:])
