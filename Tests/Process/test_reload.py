#!/usr/bin/env python3
"""`reload`: the running daemon changes over as a whole, or not at all, and the command knows which."""
import os
import pathlib
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import webhooks
from connectord import Home, Process, Sandbox, free_port, main, wait_until


def start(home):
    log = open(home.root / "log", "ab")
    with log:
        process = home.daemon(stdout=log, stderr=log)
    wait_until(lambda: (home.state / "control.sock").exists(), "the control socket")
    return process


def changes_over():
    """Added, changed and removed connectors are counted, and run from then on."""
    with Sandbox("--charges", "30") as sandbox, Home() as home:
        soon = {"schedule": {"every": "1s"}}
        home.connector("pay", apis.stripe(sandbox, ["charges"], **soon))
        home.connector("books", apis.erp(sandbox, {"customers": apis.odata_stream("Customers")}))
        with start(home):
            assert home.run("reload").stdout.endswith("reloaded: 0 added, 0 changed, 0 removed\n")
            home.connector("pay", apis.stripe(sandbox, ["charges", "customers"], **soon))
            home.connector("more", apis.stripe(sandbox, ["refunds"], **soon))
            (home.config / "connectors.d" / "books.json5").unlink()
            assert home.run("reload").stdout.endswith("reloaded: 1 added, 1 changed, 1 removed\n")
            wait_until(lambda: home.folded("pay", "customers") == sandbox.dump(sandbox.payment, "customers"), "customers")
            wait_until(lambda: home.folded("more", "refunds") == sandbox.dump(sandbox.payment, "refunds"), "refunds")


def keeps_the_old():
    """A mistake in any file is printed, the command fails with 78, and what ran goes on."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        with start(home) as process:
            home.connector("bad", "{ definition: \"stripe\", strems: {} }")
            refused = home.run("reload", expect=78)
            assert "bad.json5" in refused.stderr and "strems" in refused.stderr, refused.stderr
            assert refused.stderr.endswith("the old configuration stays in force\n"), refused.stderr
            assert "the configuration on disk was refused" in home.run("status").stdout
            sandbox.mutate(sandbox.payment, "charges", create=3)
            wait_until(lambda: home.folded("pay", "charges") == sandbox.dump(sandbox.payment, "charges"), "new charges")
            assert process.child.poll() is None
            (home.config / "connectors.d" / "bad.json5").unlink()
            home.run("reload")
            assert "was refused" not in home.run("status").stdout


def takes_new_webhook_secrets():
    """A rolled webhook secret is in force when the command returns."""
    with Home() as home:
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}})
        home.connector("pay", webhooks.block())
        with start(home):
            body = webhooks.event(1)
            fresh = webhooks.signed(body, "whsec_fresh")
            sender = webhooks.Sender(port)
            assert sender.post(body, fresh)[0] == 401
            rolled = webhooks.block()
            del rolled["webhook"]["secret"]
            rolled["webhook"]["secrets"] = [webhooks.SECRET, "whsec_fresh"]
            home.connector("pay", rolled)
            home.run("reload")
            assert sender.post(body, fresh)[0] == 200
            assert sender.post(webhooks.event(2))[0] == 200
            wait_until(lambda: len(home.lines("pay", "charges")) == 2, "both")


def waiting_events_go_on():
    """Events that wait when their connector changes are worked off by the new one."""
    with Home() as home:
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}})
        home.connector("pay", webhooks.block())
        home.state.mkdir()
        (home.state / "data").write_text("no directory")
        with start(home):
            wait_until(lambda: webhooks.Sender(port).post(webhooks.event(1))[0] == 200, "the listener")
            wait_until(lambda: "charges@webhook" in (home.root / "log").read_text(), "a failed run")
            (home.state / "data").unlink()
            home.connector("pay", webhooks.block(remember="9d"))
            home.run("reload")
            wait_until(lambda: len(home.lines("pay", "charges")) == 1, "the event")


def hides_new_secrets():
    """A secret that came with a reload is in no line of the log."""
    with Home() as home:
        home.connector("pay", webhooks.block())
        with start(home):
            block = webhooks.block()
            block["webhook"]["secret"] = "whsec_that_nobody_sees"
            home.connector("pay", block)
            home.run("reload")
            (home.config / "connectors.d" / "whsec_that_nobody_sees!.json5").write_text("{}")
            home.run("reload", expect=78)
        assert "that_nobody_sees" not in (home.root / "log").read_text()


def without_a_daemon():
    """Without a daemon it says so; a socket left behind by a killed one is replaced; nobody else may use it."""
    with Home() as home:
        home.connector("pay", webhooks.block())
        assert home.run("reload", expect=69).stderr.startswith("no daemon answers on ")
        with start(home) as process:
            mode = stat.S_IMODE(os.stat(home.state / "control.sock").st_mode)
            assert mode & 0o007 == 0, oct(mode)
            process.signal(9)
            process.wait()
        assert home.run("reload", expect=69).stderr.startswith("no daemon answers on ")
        with start(home):
            wait_until(lambda: home.run("reload", expect=None).returncode == 0, "an answer")


def a_folder_that_is_away():
    """A connectors.d that is gone, or holds too many files, is no wish to remove every connector."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        folder = home.config / "connectors.d"
        with start(home):
            folder.rename(home.config / "elsewhere")
            assert f"{folder}: there is no such directory" in home.run("reload", expect=78).stderr
            assert "no such directory" in home.run("check", expect=78).stdout
            (home.config / "elsewhere").rename(folder)
            for number in range(2000):
                (folder / f"a-{number:04}.json5").write_text("{}")
            refused = home.run("reload", expect=78).stderr
            assert "2001 files, and 2000 are the most; pay.json5 is the first too many" in refused, refused
            for path in folder.glob("a-*"):
                path.unlink()
            assert home.run("reload").stdout.endswith("reloaded: 0 added, 0 changed, 0 removed\n")


def settings_for_the_next_start():
    """What a running daemon can't take over is named; no connector is led to a sink that it does not have."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1s"}))
        with start(home):
            http = {"url": "http://127.0.0.1:9/in", "auth_type": "none"}
            home.daemon_settings({"sink": "http", "http": http, "listener": {}, "log_level": "debug"})
            said = home.run("reload")
            text = "connectord.json5: sink, http, listener: changed, and counts from the next start; restart the service"
            assert text in said.stdout + said.stderr, (said.stdout, said.stderr)
            assert said.stdout.endswith("reloaded: 0 added, 0 changed, 0 removed\n"), said.stdout
            home.connector("pay", apis.stripe(sandbox, ["charges"], sink="http"))
            refused = home.run("reload", expect=78).stderr
            assert '"http" is nowhere; restart the service: connectord.json5 says where since it began' in refused, refused
            sandbox.mutate(sandbox.payment, "charges", create=2)
            wait_until(lambda: home.folded("pay", "charges") == sandbox.dump(sandbox.payment, "charges"), "new charges")


def beside_many_syncs():
    """Forty commands that wait for syncs keep nobody from a reload."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        for number in range(40):
            home.connector(f"pay-{number}", apis.stripe(sandbox, ["charges"], schedule={"every": "1h"}))
        with start(home):
            wait_until(lambda: len([r for r in apis.status(home).values() if r["state"] == "idle"]) == 40, "all idle")
            sandbox.fault(sandbox.payment, kind="delay", ms=100_000)
            waiting = [Process(home.words("sync", f"pay-{number}"), stderr=subprocess.DEVNULL) for number in range(40)]
            try:
                syncing = lambda: [r for r in apis.status(home).values() if r["state"] == "syncing"]
                wait_until(syncing, "syncs under way")
                home.run("reload")
                assert all(process.child.poll() is None for process in waiting), "the reload waited for syncs"
            finally:
                for process in waiting:
                    process.end()


if __name__ == "__main__":
    main([a_folder_that_is_away, settings_for_the_next_start, beside_many_syncs, changes_over, keeps_the_old, takes_new_webhook_secrets, waiting_events_go_on, hides_new_secrets, without_a_daemon])
