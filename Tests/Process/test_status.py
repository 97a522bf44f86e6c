#!/usr/bin/env python3
"""`status` and `sync` beside a running daemon, and without one."""
import json
import os
import pathlib
import pwd
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import PATIENCE, Home, Process, Sandbox, Skip, main, same, wait_until


def start(home):
    log = open(home.root / "log", "ab")
    with log:
        process = home.daemon(stdout=log, stderr=log)
    wait_until(lambda: (home.state / "control.sock").exists() and b" runs " in (home.root / "log").read_bytes(), "start")
    return process


def shows_what_runs():
    """A running daemon tells states, next runs, lag and today's records; without it the state tells what it knows."""
    with Sandbox("--charges", "30") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1h"}))
        home.connector("denied", apis.stripe(sandbox, ["charges"], api_key={"env": "WRONG"}, schedule={"every": "1h"}))
        assert "no daemon runs here" in home.run("status", env={"WRONG": "sk_wrong"}).stdout
        os.environ["WRONG"] = "sk_wrong"
        with start(home) as process:
            wait_until(lambda: apis.status(home).get("denied/charges", {}).get("state") == "blocked", "blocked")
            wait_until(lambda: apis.status(home)["pay/charges"]["state"] == "idle", "idle")
            status = json.loads(home.run("status", "--json").stdout)
            assert status["daemon"]["pid"] == process.pid and status["daemon"]["version"], status["daemon"]
            states = {row["name"]: row["state"] for row in status["connectors"]}
            assert states == {"pay": "idle", "denied": "blocked"}, states
            row = apis.status(home)["pay/charges"]
            assert row["records_today"] == row["records"] == 30 and row["lag_seconds"] < PATIENCE and row["next_run"], row
            assert sum(hour["records"] for hour in row["activity"]) == 30, row
            text = home.run("status").stdout
            assert re.search(rf"^aitbc-connectord \S+ runs for .* \(pid {process.pid}\): 2 connectors: ", text), text
            assert re.search(r"pay/charges +idle +\S.* ago +in 5\d min.* +30 +30 +0\n", text), text
            assert "denied: blocked: " in text and "401" in text and "\x1b" not in text, text
            home.connector("pay", apis.stripe(sandbox, ["refunds"], schedule={"every": "1h"}))
            home.run("reload")
            text = home.run("status").stdout
            assert "the state also remembers 1 stream that the configuration does not name: pay/charges" in text, text
        text = home.run("status").stdout
        assert text.startswith("no daemon runs here"), text
        assert re.search(r"denied/charges +not running +never", text), text


def watches():
    """--watch shows it again and again, in colours on a terminal, until it is ended."""
    with Home() as home:
        home.connector("bad", "{ definition: \"stripe\", api_key: \"k\", strems: {} }")
        home.connector("good", {"base_url": "http://127.0.0.1:1", "auth_type": "none", "streams": {"s": {"path": "x"}}})
        with start(home):
            words = " ".join(home.words("status", "--watch"))
            typescript = home.root / "typescript"
            child = subprocess.Popen(
                ["script", "-qfec", words, str(typescript)], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_until(lambda: typescript.exists() and typescript.read_text().count("runs for") >= 2, "two looks")
            finally:
                child.send_signal(signal.SIGTERM)
                child.wait(PATIENCE)
            assert "\x1b[31mbad: disabled: " in typescript.read_text(), typescript.read_text()


def sync_asks_the_daemon():
    """`sync` beside a daemon is made by it, with the same words and exit statuses, also --full and what is blocked."""
    with Sandbox("--charges", "20") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges", "customers"], schedule={"every": "1h"}))
        home.connector("denied", apis.stripe(sandbox, ["charges"], api_key={"env": "WRONG"}, schedule={"every": "1h"}))
        os.environ["WRONG"] = "sk_wrong"
        with start(home):
            wait_until(lambda: apis.status(home).get("denied/charges", {}).get("state") == "blocked", "blocked")
            wait_until(lambda: apis.status(home).get("pay/charges", {}).get("state") == "idle", "idle")
            wait_until(lambda: apis.status(home).get("pay/customers", {}).get("state") == "idle", "idle")
            sandbox.mutate(sandbox.payment, "charges", create=7)
            results = home.sync("pay")
            assert results["charges"]["records"] == 7 and results["customers"]["records"] == 0, results
            same(home.folded("pay", "charges"), sandbox.dump(sandbox.payment, "charges"))
            assert home.sync("pay/charges")["charges"]["records"] == 0
            full = home.sync("pay/charges", "--full")
            assert full["charges"]["outcome"] == "succeeded" and full["charges"]["pages"] >= 1, full
            refused = home.run("sync", "denied", expect=1)
            assert "401" in refused.stderr and "sk_wrong" not in refused.stderr + refused.stdout, refused.stderr
            human = home.run("sync", "pay/charges").stderr
            assert re.fullmatch(r"pay/charges: \d+ records?, \d+ pages? in \d+\.\d s\n", human), human
            home.connector("later", apis.stripe(sandbox, ["charges"]))
            unknown = home.run("sync", "later", expect=1).stderr
            assert "the running daemon has no stream later/charges; was the configuration reloaded?" in unknown, unknown
        assert home.sync("pay/charges")["charges"]["outcome"] == "succeeded"


def a_refused_credential_keeps_nobody_waiting():
    """A sync of a connector whose credential is refused ends at once, for all of its streams."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(
            sandbox, ["charges", "customers", "refunds"], api_key={"env": "WRONG"}, max_concurrent_streams=1,
            schedule={"every": "1h"}))
        os.environ["WRONG"] = "sk_wrong"
        with start(home):
            wait_until(lambda: apis.status(home).get("pay/charges", {}).get("state") == "blocked", "blocked")
            refused = home.run("sync", "pay", expect=1).stderr
            assert "401" in refused and "not synced: the credential is refused" in refused, refused


def a_server_that_is_back():
    """Who asks for a sync need not wait until the daemon trusts the server again."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], max_retries=0, schedule={"every": "1h"}))
        sandbox.fault(sandbox.payment, kind="500")
        with start(home):
            for _ in range(8):
                failed = home.run("sync", "pay", expect=1).stderr
            assert "500" in failed, failed
            sandbox.clear_faults(sandbox.payment)
            assert home.sync("pay")["charges"]["records"] == 5


def a_stop_drops_what_waits():
    """A daemon that stops tells who waits for a sync that it will not begin."""
    with Sandbox("--charges", "400") as sandbox, Home() as home:
        home.daemon_settings({"max_concurrent_syncs": 1})
        home.connector("pay", apis.stripe(sandbox, ["charges", "customers"], schedule={"every": "1h"}))
        with start(home) as process:
            wait_until(lambda: apis.status(home).get("pay/customers", {}).get("state") == "idle", "idle")
            sandbox.fault(sandbox.payment, kind="delay", ms=3000)
            waiting = subprocess.Popen(home.words("sync", "pay"), stderr=subprocess.PIPE, text=True)
            wait_until(lambda: apis.status(home)["pay/charges"]["state"] == "syncing", "syncing")
            process.signal(signal.SIGTERM)
            said = waiting.communicate(timeout=PATIENCE)[1]
            assert waiting.returncode in (69, 75), (waiting.returncode, said)


def a_daemon_that_tells_nothing():
    """Where a daemon hangs, or has lost its state, status says that, and not that none runs."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], schedule={"every": "1h"}))
        with start(home) as process:
            process.signal(signal.SIGSTOP)
            try:
                hung = home.run("status", expect=69)
            finally:
                process.signal(signal.SIGCONT)
            assert hung.stdout == "" and hung.stderr.startswith("a daemon runs here and gives no answer: "), hung
            for path in home.state.glob("state.db*"):
                path.rename(home.root / path.name)
            lost = home.run("status", "--json", expect=69)
            assert lost.stdout == "" and "state.db is gone" in lost.stderr, lost


def cut_short():
    """A sync that was cut short is no success: exit 75, by a daemon or alone."""
    with Sandbox("--charges", "400", "--compact") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], page=10, schedule={"every": "1h"}))
        slow = lambda: sandbox.fault(sandbox.payment, kind="delay", ms=300)
        slow()
        with Process(home.words("sync", "pay"), stderr=subprocess.PIPE, text=True) as alone:
            wait_until(lambda: sandbox.served(sandbox.payment)["total"] > 3, "pages")
            alone.signal(signal.SIGINT)
            said = alone.child.communicate(timeout=PATIENCE)[1]
            assert alone.child.returncode == 75 and "stopped after" in said, (alone.child.returncode, said)
        with start(home) as process:
            wait_until(lambda: apis.status(home).get("pay/charges", {}).get("state") == "syncing", "its own sync")
            sandbox.clear_faults(sandbox.payment)
            wait_until(lambda: apis.status(home)["pay/charges"]["state"] == "idle", "idle")
            slow()
            with Process(home.words("sync", "pay", "--full"), stderr=subprocess.PIPE, text=True) as waiting:
                wait_until(lambda: apis.status(home)["pay/charges"]["state"] == "syncing", "the sync asked for")
                process.signal(signal.SIGTERM)
                said = waiting.child.communicate(timeout=PATIENCE)[1]
                assert waiting.child.returncode == 75, (waiting.child.returncode, said)


def root_at_a_shell():
    """What root does at a shell leaves nothing in the service's state that the service can't open."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    nobody = pwd.getpwnam("nobody")
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        home.root.chmod(0o755)
        home.state.mkdir(mode=0o700)
        os.chown(home.state, nobody.pw_uid, nobody.pw_gid)
        home.sync("pay")
        home.run("status")
        home.run("cursors", "pay/charges", "reset", "--yes")
        made = [path for path in home.state.rglob("*")]
        assert len(made) > 4 and all(path.stat().st_uid == nobody.pw_uid for path in made), made


def an_output_that_takes_nothing():
    """Where standard output can't be written, no command says success."""
    with Home() as home:
        for words in [["version"], ["status", "--json"], ["check"]]:
            with open("/dev/full", "w") as full:
                done = subprocess.run(home.words(*words), stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
            assert done.returncode == 74 and "standard output can't be written" in done.stderr, (words, done)


def words_of_strangers():
    """A server's words reach neither terminal nor log with control characters."""
    def answer(path, query, headers):
        return 401, {"error": {"message": "\x1b]0;owned\x07\x1b[2Jno\x9b31m entry", "code": "a\x1bb"}}

    with apis.Server(answer) as server, Home() as home:
        rule = {"errors": {"message": "error.message", "code": "error.code"}, "max_retries": 0}
        home.connector("odd", {**apis.plain(server.url, {"things": {"path": "/things"}}), **rule})
        said = [home.run("sync", "odd", expect=1).stderr, home.run("status").stdout]
        said.append(home.run("check", "--connect", "odd", expect=1).stdout)
        for text in said:
            assert "no" in text and "entry" in text and not set(text) & {"\x1b", "\x07", "\x9b"}, repr(text)


if __name__ == "__main__":
    main([a_daemon_that_tells_nothing, cut_short, root_at_a_shell, an_output_that_takes_nothing, words_of_strangers,
          a_refused_credential_keeps_nobody_waiting, a_server_that_is_back, shows_what_runs, watches, sync_asks_the_daemon, a_stop_drops_what_waits])
