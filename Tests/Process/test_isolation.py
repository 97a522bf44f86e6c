#!/usr/bin/env python3
"""One connector's trouble is its own: the others deliver, and what is wrong is said once and clearly."""
import json
import os
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Process, Sandbox, main, same, wait_until

EVERY = {"schedule": {"every": "1s"}}


class Daemon(Process):
    """`run`, with its log at hand."""

    def __init__(self, home, **environment):
        self.path = home.root / "daemon.log"
        with open(self.path, "ab") as log:
            super().__init__(home.words("run"), stdout=log, stderr=log, env={**os.environ, **environment})

    @property
    def log(self):
        return self.path.read_text(errors="replace")

    def lines(self, *words):
        return [line for line in self.log.split("\n") if all(word in line for word in words)]

    def wait_for(self, *words, count=1):
        return wait_until(lambda: len(self.lines(*words)) >= count, f"{count} log lines with {words}")


def delivers(sandbox, home, name="good", stream="charges"):
    """What is new at the source arrives."""
    sandbox.mutate(sandbox.payment, "charges", create=3)
    source = sandbox.dump(sandbox.payment, "charges")
    wait_until(lambda: home.folded(name, stream).keys() == source.keys(), f"{name} has the new charges")


def others_deliver():
    """A stalled server, a 401, a gone endpoint and a broken file stop nobody else, and each is said."""
    with Sandbox("--charges", "60", "--compact") as sandbox, Home() as home:
        home.connector("good", apis.stripe(sandbox, ["charges"], **EVERY))
        streams = {f"s{n}": apis.odata_stream() for n in range(12)}
        home.connector("stalled", apis.erp(sandbox, streams, max_concurrent_streams=12, **EVERY))
        sandbox.fault(sandbox.erp, kind="stall", after_bytes=50, match="/odata")
        home.connector("denied", {**apis.stripe(sandbox, ["customers"], **EVERY), "api_key": "sk_wrong_key"})
        home.connector("gone", apis.stripe(sandbox, {"charges": {"path": "/v1/nothing_here"}}, **EVERY))
        home.connector("nobody", {**apis.stripe(sandbox, ["charges"], **EVERY), "base_url": "http://127.0.0.1:9"})
        home.connector("broken", "{ definition: \"stripe\",\n  base_url: \n}")
        with Daemon(home) as daemon:
            for _ in range(3):
                delivers(sandbox, home)
            daemon.wait_for("denied/customers: needs a person", "status 401")
            daemon.wait_for("gone/charges: needs a person", "status 404")
            daemon.wait_for("broken: disabled", count=1)
            assert daemon.lines("broken.json5:3:1"), daemon.log[-2000:]
            daemon.wait_for("nobody/charges: sync failed")
            time.sleep(3)
            # One line for what only a person can mend, not one a second.
            assert len(daemon.lines("denied/customers")) == 1, daemon.lines("denied")
            assert len(daemon.lines("gone/charges")) == 1, daemon.lines("gone/charges")
            delivers(sandbox, home)
            rows = apis.status(home)
            assert "401" in rows["denied/customers"]["last_run"]["error"], rows["denied/customers"]
            assert rows["good/charges"]["last_success"] and not rows["denied/customers"].get("last_success")
            text = home.run("status").stdout
            assert re.search(r"denied/customers\s+blocked\s+never\s+in 5\d min", text), text
            assert re.search(r"good/charges\s+(idle|syncing|waiting)\s+\S.* ago", text), text
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
        same(home.folded("good", "charges"), sandbox.dump(sandbox.payment, "charges"))
        apis.delivered_once(home, "good", "charges")


def many_stalled_servers():
    """More stalled connectors than runs at a time hold up the others only until their timeout."""
    with Sandbox("--charges", "30", "--compact") as sandbox, Home() as home:
        home.daemon_settings({"max_concurrent_syncs": 4})
        quick = {**EVERY, "timeout": "500ms", "max_retries": 0}
        for number in range(8):
            home.connector(f"a-stalled-{number}", {**apis.erp(sandbox, {"s": apis.odata_stream()}), **quick})
        sandbox.fault(sandbox.erp, kind="stall", after_bytes=50, match="/odata")
        home.connector("good", apis.stripe(sandbox, ["charges"], **EVERY))
        with Daemon(home):
            for _ in range(2):
                delivers(sandbox, home)


def every_mistake_at_once():
    """A bad configuration: every mistake of every file at once, as file:line:column, what, and what would be right."""
    with Home() as home:
        home.connector("one", "\n".join([
            "{", '  definition: "strip",', '  api_key: "sk_test_1234",', "}",
        ]))
        home.connector("two", "\n".join([
            "{", '  base_url: "http://example.com",', '  api_key: { env: "SURELY_NOT_SET" },', "  rate_limt: 5,",
            '  schedule: { every: "5 minuts" },', "  streams: {",
            '    a: { path: "/a", paging: { style: "after" }, cursor: { order: "upwards" } },', "  },", "}",
        ]))
        home.connector("three", "{ base_url: 'https://example.com', streams: { x: { path: '/x' } } ")
        for words in [["check"], ["run"]]:
            done = home.run(*words, expect=78)
            text = done.stdout + done.stderr
            folder = f"{home.config}/connectors.d"
            for where, what in [
                ("one.json5:2:15", "did you mean \"stripe\""), ("two.json5:2:", "https://"), ("two.json5:3:", "SURELY_NOT_SET"),
                ("two.json5:4:", "rate_limit"), ("two.json5:5:", "every"), ("two.json5:7:", "style"),
                ("two.json5:7:", "order"), ("three.json5:1:", ""),
            ]:
                lines = [line for line in text.split("\n") if f"{folder}/{where}" in line and what in line]
                assert lines, (words, where, what, text)
        report = json.loads(home.run("check", "--json", expect=78).stdout)
        assert report["ok"] is False and sorted(report["disabled"]) == ["one", "three", "two"], report
        assert home.run("sync", "two", expect=78).stderr.count("two.json5:") >= 6


def mistakes_in_the_daemons_own_file():
    """A mistake in connectord.json5 stops everything before it starts, with its place and exit 78."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        home.connector("good", apis.stripe(sandbox, ["charges"]))
        (home.config / "connectord.json5").write_text('{\n  log_levl: "debug",\n  max_connections: 0,\n}\n')
        for command in ["run", "check"]:
            done = home.run(command, expect=78)
            text = done.stdout + done.stderr
            assert "connectord.json5:2:3" in text and "log_level" in text and "connectord.json5:3:20" in text, text
        assert not (home.state / "data").exists()


def two_daemons_on_one_state():
    """A second daemon on the same state is refused, and disturbs the first one in nothing."""
    with Sandbox("--charges", "30") as sandbox, Home() as home:
        home.connector("good", apis.stripe(sandbox, ["charges"], **EVERY))
        with Daemon(home):
            delivers(sandbox, home)
            done = home.run("run", expect=None)
            assert done.returncode in (74, 75) and "in use" in done.stderr, (done.returncode, done.stderr)
            assert home.run("cursors", "good/charges", "reset", "--yes", expect=75).stderr
            delivers(sandbox, home)


def reloading():
    """SIGHUP adds, changes and removes connectors while the others go on; a refused reload keeps the old ones."""
    with Sandbox("--charges", "60", "--compact") as sandbox, Home() as home:
        home.connector("good", apis.stripe(sandbox, ["charges"], **EVERY))
        home.connector("leaving", apis.stripe(sandbox, ["products"], **EVERY))
        with Daemon(home) as daemon:
            delivers(sandbox, home)
            wait_until(lambda: home.lines("leaving", "products"), "products")
            home.connector("new", apis.stripe(sandbox, ["prices"], **EVERY))
            (home.config / "connectors.d" / "leaving.json5").unlink()
            daemon.signal(signal.SIGHUP)
            daemon.wait_for("configuration reloaded: 1 connector added, 0 changed, 1 removed")
            wait_until(lambda: len(home.lines("new", "prices")) == 40, "prices")
            delivers(sandbox, home)
            home.connector("new", apis.stripe(sandbox, ["prices", "refunds"], **EVERY))
            daemon.signal(signal.SIGHUP)
            daemon.wait_for("configuration reloaded: 0 connectors added, 1 changed, 0 removed")
            wait_until(lambda: home.lines("new", "refunds"), "refunds")
            assert len(home.lines("new", "prices")) == 40, "a change of the file delivered everything again"
            # Refused: the old one stays in force, the removed stream included.
            home.connector("new", "{ definition: 'stripe', nonsense }")
            home.connector("good", apis.stripe(sandbox, ["refunds"], **EVERY))
            daemon.signal(signal.SIGHUP)
            daemon.wait_for("the old configuration stays in force")
            assert daemon.lines("new.json5:1:"), daemon.log[-1500:]
            before = len(home.lines("good", "charges"))
            delivers(sandbox, home)
            assert len(home.lines("good", "charges")) == before + 3 and home.lines("good", "refunds") == []
            sandbox.control(sandbox.payment, "served", method="DELETE")
            def asked():
                return {request["target"].split("?")[0] for request in sandbox.served(sandbox.payment)["requests"]}
            wait_until(lambda: asked() >= {"/v1/charges", "/v1/prices", "/v1/refunds"}, "every stream that is left")
            time.sleep(2.5)
            asked = asked()
            assert asked == {"/v1/charges", "/v1/prices", "/v1/refunds"}, asked
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0


def a_mended_credential():
    """A reload with a good credential brings a blocked connector back at once."""
    with Sandbox("--charges", "30", "--compact") as sandbox, Home() as home:
        home.connector("pay", {**apis.stripe(sandbox, ["charges"], **EVERY), "api_key": "sk_wrong_key"})
        with Daemon(home) as daemon:
            daemon.wait_for("pay/charges: needs a person")
            home.connector("pay", apis.stripe(sandbox, ["charges"], **EVERY))
            daemon.signal(signal.SIGHUP)
            delivers(sandbox, home, name="pay")


def a_reload_in_the_middle_of_a_sync():
    """A connector that changes while it syncs ends its page and goes on by its new file; nothing is lost or twice."""
    with Sandbox("--charges", "300", "--compact") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], page=10, **EVERY))
        sandbox.fault(sandbox.payment, kind="delay", ms=40)
        with Daemon(home) as daemon:
            for page in [11, 12, 13]:
                seen = sandbox.served(sandbox.payment)["total"]
                wait_until(lambda: sandbox.served(sandbox.payment)["total"] > seen + 4, "pages")
                home.connector("pay", apis.stripe(sandbox, ["charges"], page=page, **EVERY))
                daemon.signal(signal.SIGHUP)
                daemon.wait_for("configuration reloaded", count=page - 10)
            delivers(sandbox, home, name="pay")
        same(home.folded("pay", "charges"), sandbox.dump(sandbox.payment, "charges"))
        apis.delivered_once(home, "pay", "charges")


if __name__ == "__main__":
    main([
        others_deliver, many_stalled_servers, every_mistake_at_once, mistakes_in_the_daemons_own_file,
        two_daemons_on_one_state, reloading, a_mended_credential, a_reload_in_the_middle_of_a_sync,
    ])
