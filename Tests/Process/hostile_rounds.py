#!/usr/bin/env python3
"""What takes too long, or measures too much, for the test run: crowds of slow senders, changed files, changed requests.
`deploy/test-hostile` runs it.

usage: hostile_rounds.py senders [COUNT] | configurations [COUNT] | requests [COUNT]        --seed N
"""
import argparse
import http.client
import json
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Support"))
import mutants
from connectord import CONNECTORD, DEFINITIONS
from test_hostile import PROCESSOR, STRANGER, Daemon, answer, feed, head, limits, unproven, whole
from webhooks import Sender, event, signed

# What the issue of each is measured by.
SECONDS_PER_EVENT = 2
SECONDS_PER_FILE = 2
SECONDS_PER_REQUEST = 2
EVENTS = 100
FILES_AT_ONCE = 50


# Slow senders


def slow_connection(port, source, path, part):
    """Announces a megabyte and sends `part` of it; the other side may refuse it at any moment."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.bind((source, 0))
    connection.connect_ex(("127.0.0.1", port))
    select.select([], [connection], [], 5)
    begin = head(1_000_000, *unproven()).replace(b"/webhooks/pay", path.encode())
    try:
        connection.send(begin + b"x" * part)
    except OSError:
        pass
    return connection


def small_event(number):
    """A signed event of about a kilobyte."""
    return event(number, note="n" * 800)


def senders(count, dice):
    limits(4 * count + 1_000)
    failed = 0
    for peers, name in [([STRANGER], "one peer"), ([f"127.0.1.{n}" for n in range(1, 21)], "twenty peers")]:
        for path in ["/webhooks/pay", "/webhooks/nobody"]:
            with Daemon(request_timeout="5m") as daemon:
                daemon.most = 1_000
                held = [
                    slow_connection(daemon.port, peers[index % len(peers)], path, dice.choice([10, 500_000, 999_999]))
                    for index in range(count)
                ]
                waits, statuses = [], []
                for number in range(1, EVENTS + 1):
                    began = time.monotonic()
                    try:
                        statuses.append(Sender(daemon.port, bind=PROCESSOR).post(small_event(number))[0])
                    except (OSError, http.client.HTTPException) as error:
                        statuses.append(repr(error))
                    waits.append(time.monotonic() - began)
                    # They go on, a byte at a time, so that none of them looks forgotten.
                    for connection in held[number % 5::5]:
                        try:
                            connection.send(b"x")
                        except OSError:
                            pass
                good = sum(status == 200 and wait < SECONDS_PER_EVENT for status, wait in zip(statuses, waits))
                ordered = sorted(waits)
                print(
                    f"{count} slow senders, {name}, {path}: {good} of {EVENTS} events answered 200 within "
                    f"{SECONDS_PER_EVENT} s; median {ordered[EVENTS // 2] * 1e3:.1f} ms, longest {ordered[-1] * 1e3:.0f} ms; "
                    f"peak {daemon.peak():.0f} MB", flush=True,
                )
                failed += good < EVENTS
                daemon.sent = EVENTS
                for connection in held:
                    connection.close()
    return failed


# Changed configuration files


def whole_connector():
    """A connector with most of the keys there are."""
    stream = {
        "path": "/items/${settings.company}", "method": "GET", "records": "data.rows", "key": "id",
        "query": {"order": "modified", "k": "${secrets.key}"}, "headers": {"X-Version": "2"},
        "cursor": {
            "field": ["modified", "created"], "format": "iso8601", "order": "ascending", "lookback": "1h",
            "lower": {"since": "${cursor}"}, "upper": {"until": "${until}"}, "window": "1d", "start": "2020-01-01T00:00:00Z",
        },
        "paging": {"style": "offset", "parameter": "offset", "size": {"parameter": "limit", "value": 20}, "total": "total"},
        "resync": "1d", "deletes": {"after": "1h", "most": 10}, "schedule": {"cron": "*/5 * * * *", "timezone": "Europe/Zurich"},
    }
    return {
        "definition": "stripe", "kind": "erp", "base_url": "https://api.example.com/v1", "auth_type": "oauth2",
        "auth_config": {
            "token_url": "https://api.example.com/token", "client_id": "me", "client_secret": {"env": "HOME"},
            "scope": "read",
        },
        "settings": {"company": "c1", "region": "${secrets.region}"}, "headers": {"X-A": "b"},
        "secrets": {"key": {"env": "HOME"}, "region": {"env": "HOME"}}, "rate_limit": 5, "burst_limit": 10, "max_retries": 3,
        "retry_backoff": "1s", "timeout": "30s", "tls": {"minimum": "1.3", "ca_path": "/etc/ssl/ca.pem"},
        "errors": {"present": "error", "message": "error.message", "code": "error.code", "throttled": ["slow"]},
        "check": {"path": "/me"}, "sink": "file", "log_level": "debug", "max_concurrent_streams": 3,
        "schedule": {"every": "5m", "jitter": "10s"}, "progress_timeout": "5m",
        "streams": {"items": stream, "feed": {
            "path": "/events", "records": "data", "key": "id",
            "paging": {"style": "after_last", "parameter": "after", "field": "id", "more": "has_more"},
            "feed": {"type": "type", "object": "data.object", "on": {"item.*": {"upsert": "items"}}},
        }},
        "operations": {"make": {"method": "POST", "path": "/items", "body": {"a": "${a}"}, "returns": "item"}},
        "models": {"item": {"id": "id", "amount": {"field": "amount", "as": "cents"}}},
        "webhook": {
            "signature": "stripe", "secret": {"env": "HOME"}, "object": "data.object",
            "version": {"field": "created", "format": "unix"}, "on": {"*": {"upsert": "items"}},
        },
    }


def daemon_settings():
    return {
        "log_level": "info", "sink": "file", "data_directory": "/tmp/nowhere", "rotate_bytes": 1_000_000, "umask": "027",
        "max_concurrent_syncs": 4, "max_connections": 50, "page_memory_bytes": 134_217_728, "shutdown_timeout": "20s",
        "aitbc": {"url": "https://aitbc.example.com", "auth_type": "bearer", "api_key": {"env": "HOME"}},
        "http": {"url": "https://sink.example.com", "auth_type": "bearer", "api_key": {"env": "HOME"}},
        "listener": {
            "address": "127.0.0.1:8480", "public_url": "https://hooks.example.com", "max_connections": 10,
            "max_connections_per_peer": 2, "max_body_bytes": 4_096, "body_memory_bytes": 67_108_864, "status": "all",
            "status_token": {"env": "HOME"}, "request_timeout": "5s",
        },
    }


def shipped():
    """The texts that people begin with."""
    files = [*(ROOT / "config" / "definitions").glob("*.json5"), *(ROOT / "config" / "examples").rglob("*.json5")]
    return [path.read_bytes() for path in sorted(files)]


def check(folder, names, dice, texts):
    """One `check` of many files; how long it took, and what was wrong."""
    (folder / "connectors.d").mkdir()
    (folder / "definitions").mkdir()
    connector = whole_connector()
    for name in names:
        changed = (
            mutants.configuration(connector, dice) if dice.random() < 0.7
            else mutants.changed_bytes(dice.choice(texts), dice)
        )
        place = "definitions" if dice.random() < 0.1 else "connectors.d"
        (folder / place / f"{name}.json5").write_bytes(changed)
    if dice.random() < 0.5:
        (folder / "connectord.json5").write_bytes(mutants.configuration(daemon_settings(), dice))
    began = time.monotonic()
    places = ["--config", str(folder), "--state", str(folder / "state"), "--definitions", str(DEFINITIONS)]
    words = ["check", *places, *dice.choice([[], ["--json"]])]
    try:
        done = subprocess.run([CONNECTORD, *words], capture_output=True, timeout=SECONDS_PER_FILE * len(names))
    except subprocess.TimeoutExpired:
        return SECONDS_PER_FILE * len(names), "hangs"
    took = time.monotonic() - began
    if done.returncode not in (0, 78):
        return took, f"ends with {done.returncode}: {done.stderr[-300:]!r}"
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    bad = [c for c in text if c != "\n" and c != "\t" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029\u202e")]
    if bad:
        return took, f"writes {bad[0]!r} to the terminal"
    return took, f"took {took:.1f} s" if took > SECONDS_PER_FILE else None


def configurations(count, dice, keep=None):
    texts = shipped()
    failed, longest, done = 0, 0, 0
    while done < count:
        names = [f"c{number}" for number in range(min(FILES_AT_ONCE, count - done))]
        with tempfile.TemporaryDirectory(prefix="connectord-mutants-") as place:
            took, problem = check(pathlib.Path(place), names, dice, texts)
            if problem:
                failed += 1
                print(f"files {done} to {done + len(names)}: {problem}", flush=True)
                if keep:
                    subprocess.run(["cp", "-r", place, f"{keep}/{done}"], check=True)
        longest = max(longest, took)
        done += len(names)
    print(f"{count} changed files, {FILES_AT_ONCE} a run: {failed} runs failed; the longest run took {longest * 1e3:.0f} ms")
    return failed


# Changed requests


class Asked:
    """A changed request on its way."""

    def __init__(self, number, port, data):
        self.number, self.data, self.text = number, data, b""
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(STRANGER, 0))
        feed(self.connection, data)
        self.began = time.monotonic()

    def fileno(self):
        return self.connection.fileno()

    def read(self):
        """An answer, or the end; what follows an answer is of no interest."""
        try:
            self.text = self.connection.recv(65536)
        except OSError:
            pass


def requests(count, dice):
    failed, longest, taken, number, answered = 0, 0.0, 0, 0, 0
    # What is cut short waits for its rest as long as the listener allows: that is not what hangs.
    with Daemon(request_timeout="1s", max_connections_per_peer=0) as daemon:
        daemon.most = 1_000
        under_way = []
        while number < count or under_way:
            while number < count and len(under_way) < 200:
                under_way.append(Asked(number, daemon.port, mutants.changed_bytes(whole(event(10_000_000 + number, key=f"m{number}")), dice)))
                number += 1
                if number % 1_000 == 0:
                    began = time.monotonic()
                    daemon.deliver()
                    longest = max(longest, time.monotonic() - began)
            for asked in select.select(under_way, [], [], 0.5)[0]:
                asked.read()
                taken += b" 200 " in asked.text
                answered += asked.text != b""
                under_way.remove(asked)
                asked.connection.close()
            for asked in [one for one in under_way if time.monotonic() - one.began > SECONDS_PER_REQUEST]:
                failed += 1
                print(f"request {asked.number} hangs: {asked.data[:300]!r}, answered {asked.text[:100]!r}", flush=True)
                under_way.remove(asked)
                asked.connection.close()
            if daemon.process.child.poll() is not None:
                print(f"the daemon has ended near request {number}: {[one.data[:300] for one in under_way]}")
                return failed + 1
        # What was taken was signed: its record is the one that was sent.
        daemon.deliver()
        wrong = 0
        for line in daemon.home.lines("pay", "charges"):
            name = line["record"]["id"]
            if name.startswith("ch_m") and line["record"]["amount"] != 10_000_000 + int(name[4:]):
                wrong += 1
                print(f"a changed event was taken: {line}")
        print(
            f"{count} changed requests: {answered} answered, {taken} of them taken as they were signed, {wrong} otherwise, "
            f"{failed} hang; a real event among them waited {longest * 1e3:.0f} ms at most; peak {daemon.peak():.0f} MB"
        )
        return failed + wrong


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("what", choices=["senders", "configurations", "requests"])
    words.add_argument("count", type=int, nargs="?")
    words.add_argument("--seed", type=int, default=int(time.time()))
    words.add_argument("--keep", help="a folder for files that failed")
    given = words.parse_args()
    defaults = {"senders": 500, "configurations": 10_000, "requests": 100_000}
    print(f"seed {given.seed}")
    dice = mutants.generator(given.seed)
    number = given.count or defaults[given.what]
    if given.what == "configurations":
        sys.exit(min(1, configurations(number, dice, given.keep)))
    sys.exit(min(1, {"senders": senders, "requests": requests}[given.what](number, dice)))
