#!/usr/bin/env python3
"""Kills and stops at random moments: the files end with every record once, none lost."""
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Process, Sandbox, main, same, wait_until

SEED = int(os.environ.get("SEED", "20261123"))
KILLS = int(os.environ.get("KILLS", "200"))
PAYMENT = ["charges", "customers", "refunds"]
ERP = {"customers": "Customers", "items": "Items", "orders": "Orders", "invoices": "Invoices"}


def connectors(sandbox, home, every="1s"):
    schedule = {"schedule": {"every": every}}
    home.connector("pay", apis.stripe(sandbox, ["events", *PAYMENT], page=20, **schedule))
    streams = {
        "customers": apis.odata_stream("Customers"), "items": apis.offset_stream("Items"),
        "orders": apis.paged_stream("Orders"), "invoices": apis.token_stream("Invoices"),
    }
    home.connector("books", apis.erp(sandbox, streams, **schedule))


def compare(sandbox, home):
    for stream in PAYMENT:
        same(home.folded("pay", stream), sandbox.dump(sandbox.payment, stream))
        apis.delivered_once(home, "pay", stream)
    for stream, collection in ERP.items():
        same(home.folded("books", stream), sandbox.dump(sandbox.erp, collection))
        apis.delivered_once(home, "books", stream)


def change(sandbox, chance):
    """What people do meanwhile. Every change is one that the streams can see: see README, guarantees."""
    sandbox.mutate(sandbox.payment, "charges", create=chance.randrange(12), update=chance.randrange(4))
    sandbox.mutate(sandbox.payment, "customers", create=chance.randrange(4), update=2, delete=chance.randrange(2))
    sandbox.mutate(sandbox.erp, "Customers", create=chance.randrange(12), update=chance.randrange(4))
    for collection in ["Items", "Orders", "Invoices"]:
        sandbox.mutate(sandbox.erp, collection, create=chance.randrange(4), update=1, delete=chance.randrange(2))


def strike(home, name, spans, chance, meanwhile):
    """Starts a command, changes the source while it works, and kills it, unless it ends before."""
    words = ["run"] if name == "run" else ["sync", name]
    with open(os.devnull, "wb") as log, Process(home.words(*words), stdout=log, stderr=log) as process:
        start = time.monotonic()
        delay = chance.uniform(0, spans[name])
        try:
            process.wait(delay / 2)
        except subprocess.TimeoutExpired:
            meanwhile()
        try:
            process.wait(max(0, start + delay - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.signal(signal.SIGKILL)
            if delay > spans[name] * 0.9:
                spans[name] = min(2.0, spans[name] * 1.3)
            return int(process.wait() == -signal.SIGKILL)
        spans[name] = max(0.1, time.monotonic() - start)
        return 0


def killed_again_and_again():
    """kill -9 at random moments, 200 times in a row, while the source changes: every record once, none lost."""
    chance = random.Random(SEED)
    words = ["--charges", "120", "--customers", "80", "--items", "100", "--orders", "100", "--erp-page-size", "10"]
    with Sandbox(*words, "--compact") as sandbox, Home() as home:
        connectors(sandbox, home)
        sandbox.fault(sandbox.payment, kind="delay", ms=8)
        sandbox.fault(sandbox.erp, kind="delay", ms=5)
        sandbox.fault(sandbox.erp, kind="slow", chunk=1500, every_ms=2, match="/odata")
        # How long each command takes when left alone: a delay is drawn from no more than that.
        spans = {"pay": 0.8, "books": 0.8, "run": 0.8}
        struck = turn = 0
        began = time.monotonic()
        while struck < KILLS:
            turn += 1
            name = ["pay", "books", "run", "pay", "books"][turn % 5]
            struck += strike(home, name, spans, chance, lambda: turn % 3 or change(sandbox, chance))
            assert turn < KILLS * 3, f"{struck} of {turn} were killed: syncs are over too soon"
        print(f"  seed {SEED}: {struck} of {turn} were killed, {time.monotonic() - began:.0f} s")
        sandbox.clear_faults(sandbox.payment)
        sandbox.clear_faults(sandbox.erp)
        # What the first of them lacks is called gone by the second.
        for connector in ["pay", "books"] * 2:
            home.sync(connector)
        compare(sandbox, home)
        for connector in ["pay", "books"]:
            results = home.sync(connector)
            assert all(r["records"] == 0 and r["deletes"] == 0 for r in results.values()), results


def resumes_at_the_page():
    """After a kill -9 in the middle of a long list, the next sync goes on at the page, not from the start."""
    with Sandbox("--charges", "3000", "--compact") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], page=20))
        sandbox.fault(sandbox.payment, kind="delay", ms=40)
        with home_process(home, "sync", "pay") as process:
            wait_until(lambda: sandbox.served(sandbox.payment)["total"] > 90, "ninety pages")
            process.signal(signal.SIGKILL)
            process.wait()
        before = sandbox.served(sandbox.payment)["total"]
        sandbox.clear_faults(sandbox.payment)
        home.sync("pay")
        again = sandbox.served(sandbox.payment)["total"] - before
        # 150 pages in all, and the closing walk; what a slow disk had not yet taken is read again.
        assert again < 150 - 90 + 60, f"{before} requests before the kill, {again} after it"
        same(home.folded("pay", "charges"), sandbox.dump(sandbox.payment, "charges"))
        apis.delivered_once(home, "pay", "charges")


def home_process(home, *words):
    log = open(home.root / "log", "ab")
    with log:
        return Process(home.words(*words), stdout=log, stderr=log)


def stopped_while_syncing():
    """SIGTERM during syncs: exit 0, nothing lost, and the next start goes on where it was."""
    with Sandbox("--charges", "2000", "--customers", "400", "--erp-page-size", "5") as sandbox, Home() as home:
        connectors(sandbox, home)
        sandbox.fault(sandbox.payment, kind="delay", ms=40)
        sandbox.fault(sandbox.erp, kind="delay", ms=40)
        for _ in range(2):
            began = sandbox.served(sandbox.payment)["total"]
            with home_process(home, "run") as process:
                wait_until(lambda: sandbox.served(sandbox.payment)["total"] > began + 15, "some pages")
                process.signal(signal.SIGTERM)
                code = process.wait()
            assert code == 0, (code, (home.root / "log").read_text()[-3000:])
        pages = sandbox.served(sandbox.payment)["total"]
        sandbox.clear_faults(sandbox.payment)
        sandbox.clear_faults(sandbox.erp)
        for connector in ["pay", "books"]:
            home.sync(connector)
        assert pages > 30
        compare(sandbox, home)


def stopped_with_a_stalled_server():
    """SIGTERM while a server holds its answer back: exit 0 all the same, though the answer never comes."""
    with Sandbox("--charges", "50") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        sandbox.fault(sandbox.payment, kind="stall", after_bytes=100)
        with home_process(home, "run") as process:
            wait_until(lambda: sandbox.served(sandbox.payment)["total"] > 0, "a request")
            process.signal(signal.SIGTERM)
            assert process.wait() == 0
        sandbox.clear_faults(sandbox.payment)
        home.sync("pay")
        same(home.folded("pay", "charges"), sandbox.dump(sandbox.payment, "charges"))


if __name__ == "__main__":
    main([killed_again_and_again, resumes_at_the_page, stopped_while_syncing, stopped_with_a_stalled_server])
