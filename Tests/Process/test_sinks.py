#!/usr/bin/env python3
"""Delivery over the network: every record arrives or is a dead letter, whatever happens in between."""
import hashlib
import http.server
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Process, Sandbox, exact, http as ask, main, same, wait_until

SEED = int(os.environ.get("SEED", "20261124"))
KILLS = int(os.environ.get("SINK_KILLS", "40"))
STREAMS = ["charges", "customers"]
SECRET = "sk_aitbc_never_shown"


def aitbc(sandbox, **more):
    section = {
        "base_url": sandbox.aitbc, "api_key": Sandbox.KEY, "batch_records": 20, "max_retries": 8,
        "retry_backoff": "10ms", **more,
    }
    return {"sink": "aitbc", "aitbc": section}


def taken(sandbox):
    """Every line that the sandbox's AITBC keeps, in the order of arrival."""
    status, text = ask("GET", f"{sandbox.aitbc}/_sandbox/dump/records")
    assert status == 200, (status, text)
    return [exact(line) for line in text.split("\n") if line]


def folded(lines, stream):
    records = {}
    for line in lines:
        if line["stream"] == stream:
            if line["op"] == "delete":
                records.pop(line["id"], None)
            else:
                records[line["id"]] = line["record"]
    return records


def identity(line):
    """What tells a record sent again from another: all but the moment of sending."""
    return json.dumps({k: v for k, v in line.items() if k != "synced_at"}, sort_keys=True, default=str)


def arrived(sandbox, streams=STREAMS):
    lines = taken(sandbox)
    for stream in streams:
        same(folded(lines, stream), sandbox.dump(sandbox.payment, stream))
    return lines


def charge(sandbox, **fields):
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    headers = {"Authorization": f"Bearer {Sandbox.KEY}", "Content-Type": "application/x-www-form-urlencoded"}
    status, text = ask("POST", f"{sandbox.payment}/v1/charges", body, headers)
    assert status == 200, (status, text)
    return json.loads(text)["id"]


def dead_letters(home):
    with sqlite3.connect(f"file:{home.state}/state.db?mode=ro", uri=True) as base:
        return base.execute("SELECT key, operation, reason, code, line FROM dead_letters ORDER BY number").fetchall()


def through_a_stumbling_server():
    """503, 429, resets and lost answers in between: every record arrives, and none is stored twice."""
    with Sandbox("--charges", "600", "--customers", "200") as sandbox, Home() as home:
        home.daemon_settings(aitbc(sandbox))
        home.connector("pay", apis.stripe(sandbox, STREAMS))
        faults = [
            {"kind": "503", "times": 2}, {"kind": "reset", "after": 4, "times": 2},
            {"kind": "503", "after": 8, "times": 1, "apply": True}, {"kind": "429_seconds", "after": 11, "times": 1, "seconds": 1},
            {"kind": "reset", "after": 15, "times": 1, "apply": True}, {"kind": "500", "after": 20, "times": 2, "apply": True},
        ]
        for fault in faults:
            sandbox.fault(sandbox.aitbc, match="/v1/records", **fault)
        results = home.sync("pay")
        assert results["charges"]["records"] == 600, results
        lines = arrived(sandbox)
        assert len(lines) == len(set(map(identity, lines))) == 800, len(lines)
        statuses = {row["status"] for row in sandbox.served(sandbox.aitbc)["counts"] if row["path"] == "/v1/records"}
        assert {200, 429, 500, 503} <= statuses, statuses
        assert all(row["dead_letters"] == 0 for row in apis.status(home).values())
        assert "dead letters" not in home.run("status").stdout


def refused_and_gone_on_from():
    """What lasts ends the sync with an error that says what to do; the cursor stays, and the next sync completes."""
    lasting = [({"kind": "401"}, "aitbc.api_key"), ({"kind": "403"}, "aitbc.api_key"), ({"kind": "503"}, "503"),
               ({"kind": "404"}, "address"), ({"kind": "429_seconds", "seconds": 1}, "rate_limit"), ({"kind": "reset"}, "aitbc")]
    with Sandbox("--charges", "60", "--customers", "10") as sandbox, Home() as home:
        home.daemon_settings(aitbc(sandbox, max_retries=1, api_key=Sandbox.KEY))
        home.connector("pay", apis.stripe(sandbox, ["events", "charges"]))
        home.sync("pay")
        for fault, words in lasting:
            sandbox.mutate(sandbox.payment, "charges", create=5)
            before = apis.cursors(home)
            sandbox.fault(sandbox.aitbc, **fault, match="/v1/records")
            done = home.run("sync", "pay/events", expect=74)
            last = done.stderr.strip().split("\n")[-1]
            assert last.startswith("pay/events: failed: the sink aitbc") and words in last, (fault, last)
            assert Sandbox.KEY not in done.stderr + done.stdout, fault
            assert apis.cursors(home)["pay/events"][0] == before["pay/events"][0], fault
            sandbox.clear_faults(sandbox.aitbc)
            home.sync("pay")
            arrived(sandbox, ["charges"])
            assert dead_letters(home) == [], fault


def killed_while_delivering():
    """kill -9 at random moments of delivery: none is missing, and what came twice differs in nothing but its time."""
    chance = random.Random(SEED)
    words = ["--charges", "400", "--customers", "100", "--compact"]
    with Sandbox(*words) as sandbox, Home() as home:
        home.daemon_settings(aitbc(sandbox, batch_records=15))
        home.connector("pay", apis.stripe(sandbox, ["events", *STREAMS], page=20))
        sandbox.fault(sandbox.aitbc, kind="delay", ms=15, match="/v1/records")
        sandbox.fault(sandbox.aitbc, kind="503", after=40, times=3, apply=True, match="/v1/records")
        struck, span = 0, 0.8
        for turn in range(KILLS * 4):
            if struck == KILLS:
                break
            with open(os.devnull, "wb") as log, Process(home.words("sync", "pay"), stdout=log, stderr=log) as process:
                try:
                    process.wait(chance.uniform(0, span))
                    span = max(0.1, span * 0.9)
                    sandbox.mutate(sandbox.payment, "charges", create=40, update=5)
                except subprocess.TimeoutExpired:
                    process.signal(signal.SIGKILL)
                    struck += process.wait() == -signal.SIGKILL
        assert struck == KILLS, f"{struck} of {KILLS} were killed: syncs are over too soon"
        sandbox.clear_faults(sandbox.aitbc)
        home.sync("pay")
        lines = arrived(sandbox)
        again = len(lines) - len(set(map(identity, lines)))
        print(f"  seed {SEED}: {struck} killed, {len(lines)} lines, {again} of them again")
        assert dead_letters(home) == []
        home.sync("pay")
        assert len(taken(sandbox)) == len(lines), "a sync without changes sent something"


def bad_records_are_dead_letters():
    """Records that AITBC refuses for good are kept with its reason, exactly once; all others arrive."""
    with Sandbox("--charges", "100", "--customers", "5") as sandbox, Home() as home:
        home.daemon_settings(aitbc(sandbox, batch_records=64))
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        bad = [charge(sandbox, amount=5, description=words) for words in ["refuse", "refuse by name", "refuse", "refuse by name"]]
        for _ in range(2):
            home.sync("pay", "--full")
            rows = dead_letters(home)
            assert sorted(json.loads(row[0]) for row in rows) == sorted(bad), rows
        named = [row for row in rows if row[3] == "BAD_DESCRIPTION"]
        assert len(named) == 2 and named[0][2] == "The description is not allowed.", rows
        assert all(row[1] == "upsert" and "A record can't be taken." in row[2] for row in rows if row not in named), rows
        assert {exact(row[4].decode())["record"]["id"] for row in rows} == set(bad)
        wanted = {key: value for key, value in sandbox.dump(sandbox.payment, "charges").items() if key not in bad}
        same(folded(taken(sandbox), "charges"), wanted)
        assert apis.status(home)["pay/charges"]["dead_letters"] == 4
        assert "pay: 4 dead letters (charges 4)" in home.run("status").stdout


class Receiver:
    """Takes POSTs and keeps their bytes; answers as it is told."""

    def __init__(self):
        self.requests, self.answers, self.headers = [], [], {}
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 200
                receiver.requests.append((self.path, dict(self.headers), body, status))
                self.send_response(status)
                for name, value in receiver.headers.items() if status >= 400 else []:
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def to_any_url():
    """The http sink sends the lines of the file sink byte for byte, as NDJSON or as an array, each under its hash."""
    with Sandbox("--charges", "90", "--customers", "5") as sandbox, Receiver() as receiver:
        for form, kind in [("ndjson", "application/x-ndjson"), ("array", "application/json")]:
            with Home() as home, Home() as other:
                section = {"url": f"{receiver.url}/in?q=1", "format": form, "auth_type": "basic", "batch_records": 40,
                           "auth_config": {"username": "u", "password": SECRET}, "headers": {"X-Source": "books"},
                           "retry_backoff": "10ms"}
                home.daemon_settings({"sink": "http", "http": section})
                receiver.requests, receiver.answers = [], [503, 200, 500]
                for place in [home, other]:
                    place.connector("pay", apis.stripe(sandbox, ["charges"]))
                    place.sync("pay")
                sent = []
                for path, headers, body, status in receiver.requests:
                    assert path == "/in?q=1" and headers["Content-Type"] == kind and headers["X-Source"] == "books"
                    assert headers["Authorization"].startswith("Basic ")
                    assert headers["Idempotency-Key"] == hashlib.sha256(body).hexdigest()
                    if status == 200:
                        sent += body.splitlines() if form == "ndjson" else split(body)
                folder = other.state / "data" / "pay" / "charges"
                kept = b"".join(path.read_bytes() for path in sorted(folder.glob("*.jsonl"))).splitlines()
                assert list(map(timeless, sent)) == list(map(timeless, kept)), (form, len(sent), len(kept))
                assert len(sent) == 90 and len(receiver.requests) > 3


def dead_letters_are_sent_again():
    """`dead-letters` lists what was refused; replayed, what is taken now is settled, what is refused again stays."""
    with Sandbox("--charges", "6") as sandbox, Receiver() as receiver, Home() as home:
        section = {"url": f"{receiver.url}/in", "auth_type": "none", "batch_records": 1, "retry_backoff": "10ms"}
        home.daemon_settings({"sink": "http", "http": section})
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        receiver.answers = [422] * 6
        home.sync("pay")
        listed = [json.loads(line) for line in home.run("dead-letters", "--json").stdout.split("\n") if line]
        assert len(listed) == 6 and all(one["op"] == "upsert" and one["stream"] == "charges" for one in listed), listed
        first = listed[0]
        shown = home.run("dead-letters", "show", str(first["number"])).stdout
        # The same JSON; what a terminal would obey is written with its escapes.
        assert exact(shown.splitlines()[-1]) == exact(first["line"]) and first["reason"] in shown, shown
        assert "--yes" in home.run("dead-letters", "replay", "pay", expect=64).stderr
        receiver.requests, receiver.answers = [], [422, 200, 422]
        again = home.run("dead-letters", "replay", "pay/charges", "--yes", expect=1)
        assert again.stdout == "4 of 6 dead letters settled\n", again.stdout
        sent = [body.strip().decode() for _, _, body, _ in receiver.requests]
        assert sorted(sent) == sorted(one["line"] for one in listed)
        assert len(dead_letters(home)) == 2
        receiver.answers = [401]
        failed = home.run("dead-letters", "replay", "pay", "--yes", expect=1)
        assert "status 401" in failed.stderr and len(dead_letters(home)) == 2, failed.stderr
        left = json.loads(home.run("dead-letters", "--json").stdout.split("\n")[0])["number"]
        assert home.run("dead-letters", "drop", str(left), "--yes").stdout == "1 dead letter dropped\n"
        assert home.run("dead-letters", "replay", "pay", "--yes").stdout == "1 of 1 dead letter settled\n"
        assert home.run("dead-letters").stdout == "no dead letters\n"


def split(body):
    """An array's elements as they were written: they are the lines, which end where the next begins."""
    assert body[:1] == b"[" and body[-1:] == b"]"
    begin = b'{"connector":'
    return [(begin + part).rstrip(b",") for part in body[1:-1].split(begin)[1:]]


def timeless(line):
    head, tail = line.split(b'"synced_at":"', 1)
    return head, tail[tail.index(b'"'):]


def nowhere():
    """A sink without its section is a mistake of the connector that wants it; the others run."""
    with Sandbox("--charges", "10", "--customers", "5") as sandbox, Home() as home:
        home.connector("good", apis.stripe(sandbox, ["charges"]))
        home.connector("bad", apis.stripe(sandbox, ["charges"], sink="aitbc"))
        done = home.run("check", expect=78)
        assert 'sink: "aitbc" is nowhere; add the section aitbc: { … } to connectord.json5' in done.stdout, done.stdout
        home.sync("good")
        home.sync("bad", expect=78)


def stopped_with_a_stalled_sink():
    """SIGTERM while AITBC holds its answer back: exit 0, and the next start sends what is missing."""
    with Sandbox("--charges", "50", "--customers", "5") as sandbox, Home() as home:
        home.daemon_settings({**aitbc(sandbox), "shutdown_timeout": "2s"})
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        sandbox.fault(sandbox.aitbc, kind="delay", ms=60_000, match="/v1/records")
        with open(os.devnull, "wb") as log, home.daemon(stdout=log, stderr=log) as process:
            wait_until(lambda: sandbox.served(sandbox.aitbc)["total"] > 1, "a batch")
            process.signal(signal.SIGTERM)
            assert process.wait() == 0
        sandbox.clear_faults(sandbox.aitbc)
        home.sync("pay")
        arrived(sandbox, ["charges"])


def stopped_while_a_sink_asks_for_patience():
    """A stop waits for no retry: neither the daemon's nor a sync's at a shell, whatever Retry-After says."""
    with Sandbox("--charges", "50") as sandbox, Receiver() as receiver, Home() as home:
        section = {"url": f"{receiver.url}/in", "auth_type": "none", "max_retries": 5, "retry_backoff": "60s"}
        home.daemon_settings({"sink": "http", "http": section, "shutdown_timeout": "1h"})
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        receiver.answers, receiver.headers = [503] * 50, {"Retry-After": "3000"}
        for words in [["run"], ["sync", "pay"]]:
            receiver.requests = []
            with open(home.root / "log", "ab") as log, Process(home.words(*words), stdout=log, stderr=log) as process:
                wait_until(lambda: receiver.requests, "a batch")
                process.signal(signal.SIGTERM)
                status = process.wait()
                assert (status == 0) == (words == ["run"]), (words, status)
        row = apis.status(home)["pay/charges"]
        assert row["last_run"]["outcome"] == "failed" and "status 503" in row["last_run"]["error"], row
        assert "status 503" in home.run("status").stdout


if __name__ == "__main__":
    main([
        through_a_stumbling_server, refused_and_gone_on_from, killed_while_delivering, bad_records_are_dead_letters,
        to_any_url, dead_letters_are_sent_again, nowhere, stopped_with_a_stalled_sink,
        stopped_while_a_sink_asks_for_patience,
    ])
