"""Measures how many signed webhook events a receiver acknowledges as durable: the daemon, and beside it a FastAPI
application that verifies and commits each event to SQLite. The same sender, the same events, in turns.

usage: webhook_bench.py run DAEMON PYTHON ROUNDS [EVENTS]
       webhook_bench.py serve PORT DATABASE        (the FastAPI application; started by `run` with PYTHON)
"""

import collections
import hashlib
import hmac
import json
import os
import pathlib
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SECRET = b"whsec_bench_0123456789abcdef"
CONNECTIONS = 64
WARM_UP = 2_000
GOAL_RATE, GOAL_P99_MS, GOAL_RSS_MB = 5_000, 50, 100
CLOCK_TICK = os.sysconf("SC_CLK_TCK")


# The sender


def charge(number):
    """An event of about 2.5 KB, as Stripe writes them."""
    return {
        "id": f"evt_{number:012d}",
        "object": "event",
        "api_version": "2024-06-20",
        "created": 1_700_000_000 + number,
        "type": "charge.succeeded",
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": f"req_{number:012d}", "idempotency_key": hashlib.md5(str(number).encode()).hexdigest()},
        "data": {
            "object": {
                "id": f"ch_{number:012d}",
                "object": "charge",
                "amount": 1_000 + number % 9_000,
                "amount_captured": 1_000,
                "amount_refunded": 0,
                "balance_transaction": f"txn_{number:012d}",
                "billing_details": {
                    "address": {"city": "Zürich", "country": "CH", "line1": "Bahnhofstrasse 1", "postal_code": "8001"},
                    "email": f"customer{number}@example.com",
                    "name": "Jenny Rosen",
                    "phone": None,
                },
                "captured": True,
                "created": 1_700_000_000 + number,
                "currency": "chf",
                "customer": f"cus_{number % 1000:08d}",
                "description": "Subscription creation — " + "a line of text that tells of the order. " * 20,
                "disputed": False,
                "metadata": {f"key_{index}": hashlib.sha1(f"{number}{index}".encode()).hexdigest() for index in range(10)},
                "outcome": {"network_status": "approved_by_network", "risk_level": "normal", "risk_score": 20},
                "paid": True,
                "payment_method_details": {"card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2030}},
                "receipt_url": "https://pay.example.com/receipts/" + hashlib.sha256(str(number).encode()).hexdigest(),
                "status": "succeeded",
            }
        },
    }


def request(body, path):
    """The bytes of one signed request."""
    now = int(time.time())
    proof = hmac.new(SECRET, b"%d." % now + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Type: application/json\r\n"
        f"Stripe-Signature: t={now},v1={proof}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send(port, path, bodies):
    """Each body once over keep-alive connections, one under way on each. Seconds of the whole, and of each."""
    selector = selectors.EpollSelector()
    queue = collections.deque(bodies)
    begun, waits, buffers = {}, [], {}

    def next_one(connection):
        if not queue:
            selector.unregister(connection)
            connection.close()
            return
        payload = request(queue.popleft(), path)
        begun[connection] = time.perf_counter()
        buffers[connection] = b""
        connection.sendall(payload)

    start = time.perf_counter()
    for _ in range(min(CONNECTIONS, len(queue))):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        next_one(connection)
    while selector.get_map():
        for key, _ in selector.select(30) or stop("no answer for 30 s"):
            connection = key.fileobj
            received = connection.recv(4096)
            if not received:
                stop("the receiver closed a connection")
            buffers[connection] += received
            head, end, body = buffers[connection].partition(b"\r\n\r\n")
            if not end:
                continue
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if len(body) < int(length[0].split(b":")[1]):
                continue
            if not head.startswith(b"HTTP/1.1 200"):
                stop(f"refused: {head.splitlines()[0]}")
            waits.append(time.perf_counter() - begun[connection])
            next_one(connection)
    return time.perf_counter() - start, waits


def stop(reason):
    raise SystemExit(f"webhook_bench.py: {reason}")


# The receivers


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    for _ in range(600):
        if process.poll() is not None:
            stop(f"the receiver ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    stop("the receiver does not listen")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICK


def peak_rss_mb(pid):
    line = next(l for l in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if l.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(process, port, path, events, count):
    """Warms up, then sends; `count()` is how many events the receiver keeps, asked until all are there."""
    wait_for(port, process)
    bodies = [json.dumps(charge(number), ensure_ascii=False).encode() for number in range(WARM_UP + events)]
    send(port, path, bodies[:WARM_UP])
    before = cpu_seconds(process.pid)
    seconds, waits = send(port, path, bodies[WARM_UP:])
    spent = cpu_seconds(process.pid) - before
    deadline = time.monotonic() + 120
    while (kept := count()) < len(bodies) and time.monotonic() < deadline:
        time.sleep(0.2)
    result = {
        "rate": events / seconds,
        "p50": 1000 * statistics.median(waits),
        "p99": 1000 * statistics.quantiles(waits, n=100)[98],
        "cpu": events / spent,
        "rss": peak_rss_mb(process.pid),
        "lost": len(bodies) - kept,
        "bytes": statistics.mean(map(len, bodies)),
    }
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return result


def daemon(program, events):
    with tempfile.TemporaryDirectory(prefix="connectord-bench-") as folder:
        root, port = pathlib.Path(folder), free_port()
        (root / "connectors.d").mkdir()
        (root / "secret").write_bytes(SECRET)
        (root / "secret").chmod(0o600)
        (root / "connectord.json5").write_text(json.dumps({"listener": {"address": f"127.0.0.1:{port}"}}))
        (root / "connectors.d" / "pay.json5").write_text(
            json.dumps(
                {
                    "kind": "payment",
                    "base_url": "https://127.0.0.1:9",
                    "auth_type": "none",
                    "webhook": {
                        "signature": "stripe",
                        "secret": {"file": str(root / "secret")},
                        "object": "data.object",
                        "version": {"field": "created", "format": "unix"},
                        "streams": ["charges"],
                        "on": {"*": {"upsert": "charges"}},
                    },
                }
            )
        )
        words = [program, "run", "--config", folder, "--state", str(root / "state"), "--definitions", folder]
        with open(root / "log", "wb") as log:
            process = subprocess.Popen(words, stderr=log, stdout=log)

        def count():
            files = (root / "state" / "data" / "pay" / "charges").glob("*.jsonl")
            return len({json.loads(line)["id"] for file in files for line in file.read_bytes().splitlines()})

        try:
            return measure(process, port, "/webhooks/pay", events, count)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def fastapi(python, events):
    import sqlite3

    with tempfile.TemporaryDirectory(prefix="connectord-bench-") as folder:
        database, port = f"{folder}/events.db", free_port()
        process = subprocess.Popen([python, __file__, "serve", str(port), database])

        def count():
            with sqlite3.connect(database) as connection:
                return connection.execute("SELECT count(*) FROM events").fetchone()[0]

        try:
            return measure(process, port, "/webhooks/pay", events, count)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def serve(port, database):
    """Verifies and commits each event: what a careful team writes in an afternoon."""
    import sqlite3

    import fastapi
    import uvicorn

    connection = sqlite3.connect(database, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT, body BLOB)")
    connection.commit()
    app = fastapi.FastAPI()

    @app.post("/webhooks/{connector}")
    async def take(connector: str, request: fastapi.Request):
        body = await request.body()
        parts = dict(part.split("=", 1) for part in request.headers["stripe-signature"].split(","))
        proof = hmac.new(SECRET, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, parts["v1"]) or abs(time.time() - int(parts["t"])) > 300:
            raise fastapi.HTTPException(401)
        event = json.loads(body)
        connection.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", (event["id"], event["type"], body))
        connection.commit()
        return {"status": "queued"}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def main():
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), sys.argv[3])
        return 0
    program, python, rounds = sys.argv[2], sys.argv[3], int(sys.argv[4])
    events = int(sys.argv[5]) if len(sys.argv) > 5 else 30_000
    ours, theirs = [], []
    for number in range(1, rounds + 1):
        theirs.append(fastapi(python, events // 5))
        ours.append(daemon(program, events))
        for name, one in ("FastAPI", theirs[-1]), ("daemon", ours[-1]):
            print(
                f"round {number} {name:8} {one['rate']:7.0f} events/s  p50 {one['p50']:5.1f} ms  p99 {one['p99']:5.1f} ms  "
                f"{one['cpu']:7.0f} events a CPU second  peak {one['rss']:5.1f} MB  lost {one['lost']}",
                flush=True,
            )
    middle = lambda list, key: statistics.median(one[key] for one in list)
    rate, p99, rss = middle(ours, "rate"), middle(ours, "p99"), max(one["rss"] for one in ours)
    lost = sum(one["lost"] for one in ours)
    print(f"an event has {ours[0]['bytes']:.0f} bytes; {CONNECTIONS} connections, {WARM_UP} events to warm up")
    print(f"medians: {rate:.0f} events/s, {rate / middle(theirs, 'rate'):.1f} times FastAPI; a CPU second ", end="")
    print(f"{middle(ours, 'cpu') / middle(theirs, 'cpu'):.1f} times; p99 {p99:.1f} ms; peak {rss:.1f} MB; lost {lost}")
    goals = {
        f"{GOAL_RATE} events/s": rate >= GOAL_RATE,
        f"p99 under {GOAL_P99_MS} ms": p99 < GOAL_P99_MS,
        f"peak under {GOAL_RSS_MB} MB": rss < GOAL_RSS_MB,
        "none lost": lost == 0,
    }
    for goal, met in goals.items():
        print(f"{'met' if met else 'NOT MET'}: {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
