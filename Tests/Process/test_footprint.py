#!/usr/bin/env python3
"""What the daemon does while nothing happens, and what it tells its service manager.

Figures with a goal are measured by `deploy/bench --only footprint`; here are counts, and bounds ten times wider.
"""
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import footprint
from connectord import PATIENCE, Home, Sandbox, main, wait_until
from footprint import Manager, run

CONNECTORS = 300
IDLE_SECONDS = 10
RELEASE = os.environ.get("CONNECTORD_RELEASE")


def three_hundred_connectors():
    """300 connectors a minute apart all run, in less than 600 MB."""
    with Sandbox("--charges", "0", "--compact") as sandbox, footprint.Idle(sandbox, CONNECTORS, RELEASE) as idle:
        asked = lambda: sum(1 for row in apis.status(idle.home).values() if row.get("last_success"))
        wait_until(lambda: asked() == CONNECTORS, "every connector's first sync", every=1)
        assert idle.process.child.poll() is None
        peak = idle.peak_mb()
        assert peak < 600, f"{peak:.1f} MB"
        assert idle.process.end() == 0


def the_service_manager_is_told():
    """READY, STATUS, WATCHDOG at half its time, RELOADING and READY on SIGHUP, STOPPING on SIGTERM."""
    watchdog = 0.4
    with Sandbox("--charges", "10") as sandbox, Home() as home:
        manager = Manager(home)
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        home.connector("denied", {
            **apis.stripe(sandbox, ["refunds"], schedule={"every": "1h"}), "api_key": "sk_wrong_key",
        })
        began = time.monotonic()
        with run(home, RELEASE, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC=str(int(watchdog * 1e6))) as process:
            _, ready = manager.wait_for("READY=1")
            assert any(line.startswith("STATUS=2 connectors: ") for line in ready), ready
            manager.wait_for("STATUS=2 connectors: 1 idle, 1 blocked (denied)")
            wait_until(lambda: len(manager.times("WATCHDOG=1")) >= 12, "twelve pings")
            # Noise only makes fewer. One may come at once, and one early.
            pings, took = manager.times("WATCHDOG=1"), time.monotonic() - began
            assert len(pings) <= took / (watchdog / 2) + 2, f"{len(pings)} pings in {took:.1f} s: more than at half its time"
            count = len(manager.messages)
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            process.signal(signal.SIGHUP)
            _, reloading = manager.wait_for("RELOADING=1", after=count)
            stamp = int(next(line for line in reloading if line.startswith("MONOTONIC_USEC=")).split("=")[1])
            assert now <= stamp < now + PATIENCE * 1_000_000, (now, stamp)
            manager.wait_for("READY=1", after=count)
            # A reload that is refused ends as well: systemd would wait for ever.
            home.connector("pay", "{ nonsense")
            count = len(manager.messages)
            process.signal(signal.SIGHUP)
            manager.wait_for("RELOADING=1", after=count)
            manager.wait_for("READY=1", after=count)
            count = len(manager.messages)
            process.signal(signal.SIGTERM)
            manager.wait_for("STOPPING=1", after=count)
            assert process.wait() == 0
            kinds = [line.split("=")[0] for _, lines in manager.messages for line in lines]
            assert "EXTEND_TIMEOUT_USEC" in kinds, kinds


def a_daemon_that_hangs_is_not_fed():
    """A daemon that is stopped from outside sends nothing, so that the watchdog can end it; then it goes on."""
    with Sandbox("--charges", "10") as sandbox, Home() as home:
        manager = Manager(home)
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        with run(home, RELEASE, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="400000") as process:
            manager.wait_for("WATCHDOG=1")
            process.signal(signal.SIGSTOP)
            stat = pathlib.Path(f"/proc/{process.pid}/stat")
            wait_until(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T", "the process to stand still")
            count = manager.count()
            time.sleep(0.8)
            assert manager.count() == count + 1, manager.messages[count:]
            process.signal(signal.SIGCONT)
            manager.wait_for("WATCHDOG=1", after=count)


def starts_with_many():
    """With 1,000 connectors of 12 streams each it becomes READY, and stops."""
    # Built unoptimised it takes eight times as long, which says nothing about the service.
    connectors = 1_000 if RELEASE else 100
    print(f"  READY after {footprint.ready_after(connectors, program=RELEASE):.2f} s with {connectors} connectors")


def sleeps_while_nothing_is_due():
    """While nothing is due it sleeps: fewer than 50 wakeups a second with 10 connectors, a listener and a watchdog."""
    count = footprint.wakeups(IDLE_SECONDS, RELEASE)
    print(f"  {count} wakeups in {IDLE_SECONDS} s")
    assert count < 50 * IDLE_SECONDS, count


if __name__ == "__main__":
    main([
        starts_with_many, sleeps_while_nothing_is_due, the_service_manager_is_told, a_daemon_that_hangs_is_not_fed,
        three_hundred_connectors,
    ])
