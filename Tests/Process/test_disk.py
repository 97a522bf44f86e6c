#!/usr/bin/env python3
"""Disks that are full, read-only, gone or damaged: the daemon says which, keeps what it has, and goes on when it can."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import webhooks
from connectord import Home, Sandbox, Skip, free_port, main, same, wait_until


class SmallDisk:
    """A disk in memory where the state is."""

    def __init__(self, home, size):
        self.path = home.state
        self.path.mkdir(mode=0o700)
        self.mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs")

    def mount(self, *words):
        done = subprocess.run(["mount", *words, str(self.path)], capture_output=True, text=True)
        if done.returncode:
            raise Skip(f"no disk can be mounted here: {done.stderr.strip()}")

    def become(self, *options):
        self.mount("-o", ",".join(["remount", *options]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.path)], check=True)


def log(home):
    return (home.root / "log").read_text(errors="replace")


def start(home):
    said = open(home.root / "log", "ab")
    before = log(home).count(" runs ")
    with said:
        process = home.daemon(stdout=said, stderr=said)
    wait_until(lambda: log(home).count(" runs ") > before, "the daemon")
    return process


def is_in_step(home, sandbox, stream="charges"):
    # While it is written, a file's last line may be half there.
    contents = [path.read_bytes() for path in (home.state / "data/pay" / stream).glob("*.jsonl")]
    if any(content and not content.endswith(b"\n") for content in contents):
        return False
    return home.folded("pay", stream) == sandbox.dump(sandbox.payment, stream)


def full():
    """A full disk fails syncs and refuses events, and says so; with space again all arrives, each once."""
    with Sandbox("--charges", "6000") as sandbox, Home() as home, SmallDisk(home, "6M") as disk:
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}})
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        home.connector("hook", webhooks.block())
        with start(home) as process:
            wait_until(lambda: "No space left" in log(home) or "disk is full" in log(home), "a word of it")
            sender = webhooks.Sender(port, "hook")
            assert process.child.poll() is None, log(home)[-3000:]
            kept = [number for number in range(30) if sender.post(webhooks.event(number, padding="x" * 9000))[0] == 200]
            assert len(kept) < 30, "a full disk took everything"
            disk.become("size=400M")
            wait_until(lambda: is_in_step(home, sandbox), "the charges")
            wait_until(lambda: {f"ch_{number}" for number in kept} <= home.folded("hook", "charges").keys(), "the events")
            # A kept connection is closed after a minute, which may be over.
            assert webhooks.Sender(port, "hook").post(webhooks.event(99))[0] == 200
            wait_until(lambda: "ch_99" in home.folded("hook", "charges"), "the next event")
            assert "syncs again, after" in log(home), log(home)[-3000:]
            assert process.child.poll() is None
        apis.delivered_once(home, "pay", "charges")
        apis.delivered_once(home, "hook", "charges")


def read_only():
    """A disk that becomes read-only fails syncs until it is writable again; a start on one is refused with 74."""
    with Sandbox("--charges", "40") as sandbox, Home() as home, SmallDisk(home, "60M") as disk:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        with start(home) as process:
            wait_until(lambda: is_in_step(home, sandbox), "the charges")
            # What holds files open for writing keeps a file system from becoming read-only: the daemon's files are.
            os.kill(process.pid, 9)
            process.wait()
        disk.become("ro")
        refused = home.run("run", expect=74)
        assert "read-only" in refused.stderr.lower() and str(home.state) in refused.stderr, refused.stderr
        assert "read-only" in home.run("sync", "pay", expect=74).stderr.lower()
        assert "pay/charges" in home.run("status").stdout, "what is there can still be looked at"
        disk.become("rw")
        sandbox.mutate(sandbox.payment, "charges", create=5)
        with start(home):
            wait_until(lambda: is_in_step(home, sandbox), "the charges")
        apis.delivered_once(home, "pay", "charges")


def gone():
    """A state directory that is deleted under the daemon is noticed: no sync pretends to be durable."""
    with Sandbox("--charges", "40") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        with start(home) as process:
            wait_until(lambda: is_in_step(home, sandbox), "the charges")
            away = home.root / "away"
            home.state.rename(away)
            sandbox.mutate(sandbox.payment, "charges", create=5)
            wait_until(lambda: f"{home.state}/state.db is gone" in log(home), "a word of it")
            assert process.child.poll() is None
            # Moved back, it is as if nothing had been.
            shutil.rmtree(home.state, ignore_errors=True)
            away.rename(home.state)
            wait_until(lambda: is_in_step(home, sandbox), "the new charges")
        apis.delivered_once(home, "pay", "charges")
        with start(home) as process:
            wait_until(lambda: is_in_step(home, sandbox), "the charges")
            shutil.rmtree(home.state)
            before = log(home).count("is gone")
            wait_until(lambda: log(home).count("is gone") > before, "a word of it")
            assert not (home.state / "data" / "pay").exists(), "nothing is written beside a state that is gone"
        # The next start begins anew.
        with start(home):
            wait_until(lambda: home.state.exists() and is_in_step(home, sandbox), "all charges again")


def newer():
    """The state of a newer version is refused with 78, and left as it is."""
    with Sandbox("--charges", "10") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        home.sync("pay")
        with sqlite3.connect(home.state / "state.db") as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
        before = (home.state / "state.db").read_bytes()
        refused = home.run("run", expect=78)
        assert "newer" in refused.stderr and "schema 99" in refused.stderr, refused.stderr
        assert (home.state / "state.db").read_bytes() == before


def damaged():
    """A damaged state file is set aside with 78 and named; the next start delivers everything anew, older files stay."""
    with Sandbox("--charges", "25") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        home.sync("pay")
        path = home.state / "state.db"
        content = bytearray(path.read_bytes())
        content[:512] = os.urandom(512)
        path.write_bytes(content)
        refused = home.run("run", expect=78)
        aside = [name for name in os.listdir(home.state) if name.startswith("state.db.corrupt-")]
        assert len(aside) == 1 and aside[0] in refused.stderr, (aside, refused.stderr)
        assert (home.state / aside[0]).read_bytes() == content
        looked = home.run("check", "--damage")
        assert aside[0] in looked.stderr and "no state yet" in looked.stdout, (looked.stdout, looked.stderr)
        with start(home):
            wait_until(lambda: len(home.lines("pay", "charges")) == 50, "all charges again")
        assert is_in_step(home, sandbox)
        assert "a new state begins" in log(home) and aside[0] in log(home), log(home)


def restored():
    """A backup of the state that is put back cuts off nothing that was delivered since, acknowledged webhooks among it:
    a new file begins, and the journal says so once."""
    with Home() as home:
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}})
        home.connector("pay", webhooks.block())

        def delivered(*numbers):
            with start(home):
                sender = webhooks.Sender(port)
                for number in numbers:
                    status, _ = sender.post(webhooks.event(number))
                    assert status == 200, status
                names = [f"ch_{number}" for number in numbers]
                wait_until(lambda: home.folded("pay", "charges").keys() >= set(names), "the events' objects")
                sender.close()

        delivered(1)
        backup = (home.state / "state.db").read_bytes()
        delivered(2, 3)
        before = home.lines("pay", "charges")
        (home.state / "state.db").write_bytes(backup)
        delivered(4)
        delivered(5)
        lines = home.lines("pay", "charges")
        assert lines[:3] == before and [line["id"] for line in lines[3:]] == ["ch_4", "ch_5"], lines
        assert log(home).count("more was delivered than the state knows of") == 1, log(home)


def rotten():
    """A cursor that is not as it was written is no place to go on from: the run says so, `check --damage` names it, and a
    stream that is forgotten begins anew."""
    with Sandbox("--charges", "25", "--customers", "20") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges", "customers"]))
        home.sync("pay")
        assert "as it was written" in home.run("check", "--damage").stdout
        with sqlite3.connect(home.state / "state.db") as database:
            row = "(SELECT ledger_id FROM streams WHERE stream = 'charges')"
            database.execute(f"UPDATE ledgers SET cursor = cursor + 1 WHERE id = {row}")
        database.close()
        told = home.run("check", "--damage", expect=74)
        assert "1 damage" in told.stderr and "not as they were written" in told.stderr, told.stderr
        failed = home.run("sync", "pay/charges", expect=None)
        assert failed.returncode == 74 and "not as they were written" in failed.stderr, (failed.returncode, failed.stderr)
        home.sync("pay/customers")
        assert len(home.lines("pay", "charges")) == 25
        home.run("cursors", "pay/charges", "reset", "--yes")
        home.sync("pay")
        assert "as it was written" in home.run("check", "--damage").stdout
        assert is_in_step(home, sandbox)


def deep():
    """A state folder whose path is too long for a socket: sync works without a daemon, and the daemon says that none can
    be asked."""
    with Sandbox("--charges", "25") as sandbox, Home() as home:
        home.state = home.root / ("d" * 120)
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        home.sync("pay")
        assert is_in_step(home, sandbox)
        with start(home):
            wait_until(lambda: "socket" in log(home), "a word about the socket")
            assert home.run("sync", "pay", expect=None).returncode != 0, "two wrote one state"


if __name__ == "__main__":
    main([full, read_only, gone, newer, damaged, restored, rotten, deep])
