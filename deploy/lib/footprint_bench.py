"""Measures what the daemon costs while nothing happens, how soon it is ready, ends and reloads, and how well it uses a
rate limit; each figure beside its goal. The best of some rounds counts: other work on the machine only adds.

usage: footprint_bench.py DAEMON SANDBOX ROUNDS
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

DAEMON, SANDBOX, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ.update(CONNECTORD=DAEMON, SANDBOX=SANDBOX)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Support"))
import apis  # noqa: E402
import footprint  # noqa: E402
from connectord import Home, Process, Sandbox, wait_until  # noqa: E402

CONNECTORS = 300
WINDOW_SECONDS = 25
SETTLING_SECONDS = 3
STREAMS = ["charges", "payment_intents", "balance_transactions", "customers", "invoices", "refunds", "payouts", "prices"]
missed = []


def figure(what, value, goal, unit, least=False):
    """One line. A goal is an upper bound, or a lower one."""
    is_met = value > goal if least else value < goal
    print(f"   {what:<64} {value:>8.2f} {unit:<6} {'more' if least else 'less'} than {goal:g}  {'met' if is_met else 'MISSED'}", flush=True)
    if not is_met:
        missed.append(what)


def ready():
    figure("READY with 10 connectors", footprint.ready_after(10, ROUNDS) * 1000, 100, "ms")
    figure("READY with 1,000 connectors of 12 streams each", footprint.ready_after(1_000, ROUNDS) * 1000, 1000, "ms")


def idle():
    rate = min(footprint.wakeups(WINDOW_SECONDS) for _ in range(ROUNDS)) / WINDOW_SECONDS
    figure("wakeups a second, 10 connectors, nothing due", rate, 5, "/s")
    with Sandbox("--charges", "0", "--compact") as sandbox, footprint.Idle(sandbox, CONNECTORS) as measured:
        time.sleep(SETTLING_SECONDS)
        share, requests = min(measured.window(WINDOW_SECONDS) for _ in range(ROUNDS))
        figure(f"share of a core, {CONNECTORS} connectors a minute apart", share * 100, 1, "%")
        figure("requests meanwhile", requests, CONNECTORS * WINDOW_SECONDS / 60 / 2, "", least=True)
        figure("most memory meanwhile", measured.peak_mb(), 60, "MB")


def ends():
    """A stop while a server holds its answer back, and a reload beside many syncs."""
    def stop():
        with Sandbox("--charges", "50") as sandbox, Home() as home:
            home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
            sandbox.fault(sandbox.payment, kind="stall", after_bytes=100)
            with footprint.run(home) as process:
                wait_until(lambda: sandbox.served(sandbox.payment)["total"] > 0, "a request")
                began = time.monotonic()
                process.signal(signal.SIGTERM)
                assert process.wait() == 0
                return time.monotonic() - began

    def reload():
        with Sandbox("--charges", "5") as sandbox, Home() as home:
            for number in range(40):
                home.connector(f"pay-{number}", apis.stripe(sandbox, ["charges"], schedule={"every": "1h"}))
            with footprint.run(home):
                idle_rows = lambda: [row for row in apis.status(home).values() if row["state"] == "idle"]
                wait_until(lambda: (home.state / "control.sock").exists() and len(idle_rows()) == 40, "all idle")
                sandbox.fault(sandbox.payment, kind="delay", ms=20_000)
                waiting = [Process(home.words("sync", f"pay-{number}"), stderr=subprocess.DEVNULL) for number in range(40)]
                wait_until(lambda: len(idle_rows()) < 40, "syncs under way")
                began = time.monotonic()
                home.run("reload")
                took = time.monotonic() - began
                for process in waiting:
                    process.end()
                return took

    figure("a stop while a server holds its answer back", min(stop() for _ in range(ROUNDS)), 20, "s")
    figure("a reload beside 40 syncs", min(reload() for _ in range(ROUNDS)), 3, "s")


def rate():
    """A limit of 20 a second and a burst of 5, used by eight streams."""
    def once():
        with Sandbox("--charges", "500", "--customers", "400", "--compact") as sandbox, Home() as home:
            limits = {"rate_limit": 20, "burst_limit": 5, "max_concurrent_streams": 8, "schedule": {"every": "1h"}}
            home.connector("pay", apis.stripe(sandbox, STREAMS, page=10, **limits))
            with footprint.run(home):
                rows = lambda: apis.status(home)
                done = lambda: all(rows().get(f"pay/{name}", {}).get("last_success") for name in STREAMS)
                wait_until(lambda: (home.state / "control.sock").exists() and done(), "eight streams", every=0.5)
            times = [at for at, _ in footprint.arrivals(sandbox)]
            return footprint.fullest_window(times, 20, 5)[0], len(times) / (times[-1] - times[0])
    excess, used = min(once() for _ in range(ROUNDS))
    figure("requests of the fullest window above 5 + 20 a second", excess, 1, "")
    figure("requests a second where 20 are allowed", used, 18, "/s", least=True)


for part in [ready, idle, ends, rate]:
    part()
sys.exit(1 if missed else 0)
