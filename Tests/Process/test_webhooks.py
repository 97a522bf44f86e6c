#!/usr/bin/env python3
"""Webhooks: proof, duplicates, order, kills between acknowledgement and work, restarts that nobody notices."""
import collections
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import webhooks
from connectord import PATIENCE, Home, Process, free_port, main, wait_until
from webhooks import Burst, Sender, event, signed

SEED = int(os.environ.get("SEED", "20261124"))
KILLS = int(os.environ.get("KILLS", "100"))


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(home, port):
    log = open(home.root / "log", "ab")
    with log:
        process = home.daemon(stdout=log, stderr=log)
    try:
        wait_until(lambda: process.child.poll() is not None or listens(port), "the listener", every=0.005)
    except BaseException:
        process.end()
        raise
    assert process.child.poll() is None, (home.root / "log").read_text()[-3000:]
    return process


def place(home, **listener):
    port = free_port()
    home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}", **listener}})
    home.connector("pay", webhooks.block())
    return port


def waiting(home):
    with sqlite3.connect(f"file:{home.state}/state.db?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM inbox").fetchone()[0]


def settled(home):
    wait_until(lambda: waiting(home) == 0, "the inbox to be worked off")


def log(home):
    return (home.root / "log").read_text()


def what_events_do():
    """An event is a line of its stream; a repetition, an older one and the same again are none; a deletion is told."""
    with Home() as home:
        port = place(home)
        with start(home, port):
            sender = Sender(port)
            for body in [
                event(1, key=1, name="first"),
                event(1, key=1, name="first"),
                event(3, key=1, name="third"),
                event(2, key=1, name="late"),
                event(3, key=1, name="third").replace(b"evt_3", b"evt_4"),
                event(5, key=2),
                event(6, key=2, type="charge.deleted"),
                event(7, key=2, created=1_700_000_005),
            ]:
                assert sender.post(body)[0] == 200
            settled(home)
            told = [(line["op"], line["id"], (line["record"] or {}).get("name")) for line in home.lines("pay", "charges")]
        assert told == [
            ("upsert", "ch_1", "first"), ("upsert", "ch_1", "third"), ("upsert", "ch_2", None), ("delete", "ch_2", None),
        ], told


def what_is_refused():
    """Without proof nothing is taken: each refusal has its status, and nothing of it reaches the state."""
    with Home() as home:
        port = place(home, max_body_bytes=4096)
        other = webhooks.block()
        other["webhook"]["secret"] = "whsec_of_another_connector"
        home.connector("other", other)
        with start(home, port):
            body = event(1)
            good = signed(body)["Stripe-Signature"]
            digit = "0" if good[-1] != "0" else "1"
            old, ahead = time.time() - 301, time.time() + 360
            cases = [
                ("one bit flipped in the signature", body, {"Stripe-Signature": good[:-1] + digit}, 401),
                ("one bit flipped in the body", body.replace(b'"amount": 1', b'"amount": 0'), {"Stripe-Signature": good}, 401),
                ("a stripped v1", body, {"Stripe-Signature": good.split(",")[0]}, 401),
                ("v0 in place of v1", body, {"Stripe-Signature": good.replace("v1=", "v0=")}, 401),
                ("no signature", body, {}, 401),
                ("another connector's secret", body, signed(body, "whsec_of_another_connector"), 401),
                ("an empty secret", body, signed(body, ""), 401),
                ("a replay after the tolerance", body, signed(body, at=old), 400),
                ("a time to come", body, signed(body, at=ahead), 400),
                ("no JSON, well signed", b"{", signed(b"{"), 400),
                ("no id, well signed", b'{"type":"a"}', signed(b'{"type":"a"}'), 400),
            ]
            for name, content, headers, expected in cases:
                status = Sender(port).post(content, headers)[0]
                assert status == expected, (name, status)
            assert Sender(port, "nobody").post(body)[0] == 404
            assert Sender(port, "other").post(body)[0] == 401
            status, headers = Sender(port).post(b"", {}, method="GET")
            assert (status, headers["Allow"]) == (405, "POST"), status
            assert Sender(port).post(b"x" * 5000, {})[0] == 413
            assert Sender(port).post(b"", {}, method="GET", path="/elsewhere")[0] == 404
            assert waiting(home) == 0
            for _ in range(20):
                Sender(port).post(body, {})
        mismatches = [line for line in log(home).splitlines() if "pay: a webhook" in line and "is refused" in line]
        reasons = collections.Counter(line.split("is refused: ")[1] for line in mismatches)
        assert mismatches and max(reasons.values()) == 1, reasons
        assert webhooks.SECRET not in log(home) and "whsec_of_another" not in log(home)
        assert home.lines("pay", "charges") == []


def killed_between_commit_and_work():
    """kill -9 at random moments while events stream in, 100 times: none lost, none twice."""
    chance = random.Random(SEED)
    with Home() as home:
        port = place(home)
        left = 0
        with Burst(port, lambda number: event(number), senders=4) as burst:
            for _ in range(KILLS):
                with start(home, port) as process:
                    had = burst.acknowledged
                    wait_until(lambda: burst.acknowledged > had, "an event", every=0.002)
                    time.sleep(chance.uniform(0, 0.08))
                    process.signal(signal.SIGKILL)
                    process.wait()
                    left += waiting(home) > 0
            with start(home, port):
                burst.stop()
                settled(home)
        seen = collections.Counter(line["id"] for line in home.lines("pay", "charges"))
        sent = {f"ch_{number}" for number in range(burst.next)}
        assert burst.acknowledged == burst.next, (burst.acknowledged, burst.next)
        assert not sent - seen.keys(), f"{len(sent - seen.keys())} of {len(sent)} are lost"
        twice = [key for key, count in seen.items() if count > 1]
        assert not twice, f"{len(twice)} came twice, such as {twice[:3]}"
        print(f"  seed {SEED}: {KILLS} kills, {left} of them with events waiting; {burst.next} events, each once")
        # Some kill must have fallen between the commit and the work, or this proves nothing.
        assert left > KILLS // 20, left


def newest_wins_after_kills():
    """Events of few objects, out of order, with kills: what is left is each object's newest."""
    chance = random.Random(SEED)
    newest, lock = {}, threading.Lock()
    order = list(range(200_000))
    # Neighbours change places, as retries make them do.
    for index in range(0, len(order) - 8, 8):
        part = order[index:index + 8]
        chance.shuffle(part)
        order[index:index + 8] = part

    def make(number):
        at = order[number]
        key = at % 20
        with lock:
            newest[key] = max(newest.get(key, -1), at)
        return event(at, key=key, created=1_700_000_000 + at)

    with Home() as home:
        port = place(home)
        with Burst(port, make, senders=4) as burst:
            for _ in range(10):
                with start(home, port) as process:
                    had = burst.acknowledged
                    wait_until(lambda: burst.acknowledged > had + 20, "events", every=0.002)
                    process.signal(signal.SIGKILL)
                    process.wait()
            with start(home, port):
                burst.stop()
                settled(home)
        left = {key: record["amount"] for key, record in home.folded("pay", "charges").items()}
        assert left == {f"ch_{key}": at for key, at in newest.items()}, (left, newest)


def restarts_unnoticed():
    """With the socket that systemd holds, ten restarts refuse no connection, lose nothing, and bring nothing twice."""
    with Home() as home:
        home.connector("pay", webhooks.block())
        listener = webhooks.listening_socket()
        port = listener.getsockname()[1]
        with open(home.root / "log", "ab") as output, listener:
            def begin():
                words, options = webhooks.activated(home.words("run"), listener)
                return Process(words, stdout=output, stderr=output, **options)

            process = begin()
            try:
                with Burst(port, lambda number: event(number), senders=8, pause=0.002) as burst:
                    for _ in range(10):
                        had = burst.acknowledged
                        wait_until(lambda: burst.acknowledged > had + 50, "events")
                        process.signal(signal.SIGTERM)
                        assert process.wait() == 0
                        process = begin()
                    had = burst.acknowledged
                    wait_until(lambda: burst.acknowledged > had + 50, "events after the last restart")
                    burst.stop()
                settled(home)
            finally:
                process.end()
        seen = collections.Counter(line["id"] for line in home.lines("pay", "charges"))
        print(f"  {burst.next} events; {burst.broken} requests met a closing connection and were sent again")
        assert burst.refused == 0, f"{burst.refused} connections were refused"
        assert set(burst.answers) == {200}, burst.answers
        assert seen == collections.Counter(f"ch_{number}" for number in range(burst.next))


def deleted_by_the_feed():
    """What the event feed deleted, an older event by webhook does not bring back."""
    now = int(time.time())
    customer = {"id": "cus_1", "object": "customer", "created": now - 86_400, "name": "a"}
    lists = {"/v1/customers": [customer], "/v1/events": []}

    def answer(path, query, headers):
        low, high = int(query.get("created[gte]", 0)), int(query.get("created[lt]", 1 << 40))
        found = [] if "starting_after" in query else [one for one in lists[path] if low <= one["created"] < high]
        return 200, {"object": "list", "data": found, "has_more": False}

    def told(number, at, type, thing):
        return {"id": f"evt_{number}", "object": "event", "type": type, "created": at, "data": {"object": thing}}

    with apis.Server(answer) as server, Home() as home:
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}})
        home.connector("pay", {
            "definition": "stripe", "base_url": server.url, "api_key": "k", "schedule": {"every": "1h"},
            "streams": {"events": {}, "customers": {}}, "webhook": {"secret": webhooks.SECRET},
        })
        with start(home, port):
            home.sync("pay")
            update = told(1, now + 1, "customer.updated", {**customer, "name": "b"})
            lists["/v1/events"] = [told(2, now + 2, "customer.deleted", customer), update]
            lists["/v1/customers"] = []
            # The sync asks for what is before now.
            wait_until(lambda: time.time() > now + 4, "the events' second to be over")
            home.sync("pay")
            assert [line["op"] for line in home.lines("pay", "customers")] == ["upsert", "delete"]
            assert Sender(port).post(json.dumps(update).encode())[0] == 200
            settled(home)
            home.sync("pay")
        assert [line["op"] for line in home.lines("pay", "customers")] == ["upsert", "delete"]


def a_public_socket():
    """On a socket of systemd's that others can reach, nobody is believed without proof; a refusal is counted and told."""
    with Home() as home, socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        home.connector("pay", webhooks.block(signature="none", secret=None))
        words, options = webhooks.activated(home.words("run"), listener)
        with open(home.root / "log", "ab") as output, Process(words, stdout=output, stderr=output, **options):
            wait_until(lambda: "runs 1 connector" in log(home), "the start")
            assert Sender(port).post(event(1), {})[0] == 401
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as large:
                large.sendall(b"POST /webhooks/pay HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
                assert large.recv(64).startswith(b"HTTP/1.1 413 ")
            assert Sender(port, "nobody").post(event(1), {})[0] == 404
            status = json.loads(home.run("status", "--json").stdout)
            refused = {row["name"]: row["webhook"]["refused"] for row in status["connectors"]}
            assert sum(refused["pay"].values()) == 2 and refused["pay"]["TOO_LARGE"] == 1, refused
            assert status["webhooks_to_nobody"] == 1, status
        for text in ["can be reached from other machines", "is larger than 1048576 bytes", "no connector nobody has a webhook"]:
            assert text in log(home), (text, log(home))
        assert waiting(home) == 0


def unreadable_becomes_dead_letter():
    """An event that proves itself and can't be applied is a dead letter, and those behind it go on."""
    with Home() as home:
        port = place(home)
        with start(home, port):
            sender = Sender(port)
            body = b'{"id":"evt_x","type":"charge.odd","created":1,"data":{}}'
            assert sender.post(body)[0] == 200
            assert sender.post(event(1))[0] == 200
            wait_until(lambda: len(home.lines("pay", "charges")) == 1, "the good one")
        status = home.run("status").stdout
        assert "pay: 1 dead letter" in status and "charges@webhook 1" in status, status
        assert "the event carries no object" in log(home)
        listed = json.loads(home.run("dead-letters", "list", "pay/charges@webhook", "--json").stdout)
        assert json.loads(listed["line"])["event"] == json.loads(body), listed
        # Read by another rule, the same event is a record.
        home.connector("pay", webhooks.block(object="", on={"*": {"upsert": "charges", "key": "id"}}))
        assert home.run("dead-letters", "replay", "pay", "--yes").stdout == "1 of 1 dead letter settled\n"
        with start(home, port):
            wait_until(lambda: "evt_x" in home.folded("pay", "charges"), "the replayed one")
        assert home.run("dead-letters").stdout == "no dead letters\n"


def a_full_disk_of_the_sink():
    """While the sink can't be written, events are still taken; once it can, each arrives once."""
    with Home() as home:
        port = place(home)
        data = home.state / "data"
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_text("no directory")
        with start(home, port):
            sender = Sender(port)
            for number in range(20):
                assert sender.post(event(number))[0] == 200
            wait_until(lambda: "charges@webhook" in log(home), "a line that says so")
            assert waiting(home) == 20
            data.unlink()
            settled(home)
        assert sorted(home.folded("pay", "charges")) == sorted(f"ch_{number}" for number in range(20))
        assert len(home.lines("pay", "charges")) == 20


def says_what_to_enter():
    """`webhooks` prints the URL, the proof and the last event; `check` says when nothing listens."""
    with Home() as home:
        home.connector("pay", webhooks.block(setup="Dashboard, Webhooks"))
        text = home.run("check").stdout
        assert "pay: a webhook, and no listener" in text, text
        home.daemon_settings({"listener": {"public_url": "https://hooks.example.com/"}})
        assert "no listener" not in home.run("check").stdout
        text = home.run("webhooks").stdout
        for part in ["https://hooks.example.com/webhooks/pay", "Stripe-Signature", "Dashboard, Webhooks", "none came yet"]:
            assert part in text, (part, text)
        assert home.run("webhooks", "nobody", expect=64).stderr.startswith("there is no connector")
        unsigned = webhooks.block(signature="none")
        home.connector("pay", unsigned)
        refused = home.run("check", expect=78).stdout
        assert '"none" believes everyone' in refused, refused


if __name__ == "__main__":
    main([
        deleted_by_the_feed, a_public_socket, what_events_do, what_is_refused, unreadable_becomes_dead_letter, a_full_disk_of_the_sink, says_what_to_enter,
        restarts_unnoticed, newest_wins_after_kills, killed_between_commit_and_work,
    ])
