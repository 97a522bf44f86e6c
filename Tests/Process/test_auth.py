#!/usr/bin/env python3
"""Credentials: a grant whose refresh token changes with each use lives on over processes and kills; a refusal rests
what it is about; two services never write one data directory."""
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Process, Skip, main, wait_until

EVERY = {"schedule": {"every": "1s"}}


class Daemon(Process):
    """`run`, with its log at hand."""

    def __init__(self, home, name="daemon"):
        self.path = home.root / f"{name}.log"
        with open(self.path, "ab") as log:
            super().__init__(home.words("run"), stdout=log, stderr=log)

    @property
    def log(self):
        return self.path.read_text(errors="replace")


class Grants:
    """An API behind a token server that exchanges the refresh token with each use, and ends the access token before.

    Good are only the last refresh token and the last access token, until that is revoked. Everything that happens is
    noted in its order.
    """

    def __init__(self):
        self.lock = threading.Lock()
        # The last that was given, and the last access token that is no longer good.
        self.number, self.ended = 0, 0
        self.log = []
        self.on_exchange = lambda stage: None
        self.server = apis.Server(self.answer)
        # Those who are killed hang up.
        self.server.server.handle_error = lambda *_: None

    def answer(self, path, query, headers):
        if path != "/token":
            return self.resource(path, headers)
        given = dict(urllib.parse.parse_qsl(headers["body"])).get("refresh_token")
        self.note("asked", given)
        self.on_exchange("asked")
        with self.lock:
            if given != f"r{self.number}":
                self.log.append(("refused", given))
                return 400, {"error": "invalid_grant"}
            self.number += 1
            self.log.append(("answered", f"r{self.number}"))
            answer = {"access_token": f"a{self.number}", "expires_in": 600, "refresh_token": f"r{self.number}"}
        threading.Timer(0, self.on_exchange, ["answered"]).start()
        return 200, answer

    def resource(self, path, headers):
        with self.lock:
            if headers.get("Authorization") != f"Bearer a{self.number}" or self.number <= self.ended:
                return 401, {"error": "expired"}
            self.log.append((path, self.number))
        return (200, {"done": True}) if path == "/ping" else (200, [{"id": 1, "name": "one"}])

    def note(self, what, whom):
        with self.lock:
            self.log.append((what, whom))

    def revoke(self):
        with self.lock:
            self.ended = self.number

    def count(self, what):
        with self.lock:
            return sum(1 for kind, _ in self.log if kind == what)

    def has(self, entry):
        with self.lock:
            return entry in self.log

    def connector(self):
        return {
            "base_url": self.server.url, "auth_type": "oauth2",
            "auth_config": {
                "client_id": "id", "client_secret": "s3cret-of-client", "token_url": f"{self.server.url}/token",
                "grant_type": "refresh_token", "refresh_token": "r0",
            },
            **apis.QUICK, **EVERY, "streams": {"items": {"path": "/items", "key": "id"}},
            "operations": {"ping": {"path": "/ping", "body": "json", "fields": {"a": "${a}"}}},
        }


def stored(home):
    """The refresh token that our disk holds."""
    folder = home.state / "tokens"
    texts = [path.read_text() for path in folder.glob("*") if not path.suffix] if folder.exists() else []
    grants = [text for text in texts if not text.startswith("{")]
    assert len(grants) <= 1, grants
    return grants[0] if grants else "r0"


def ping(home):
    return Process(home.words("exec", "shop", "ping", json.dumps({"a": 1})), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ten_renewals_over_three_processes():
    """A daemon and two `exec` renew one grant ten times beside each other: once each time, and nobody is refused."""
    grants = Grants()
    with grants.server, Home() as home:
        home.connector("shop", grants.connector())
        with Daemon(home) as daemon:
            for renewal in range(1, 11):
                # The daemon works with the present token, and is not in the middle of taking it.
                wait_until(lambda: grants.has(("/items", renewal)), f"the daemon uses token {renewal}")
                grants.revoke()
                pair = [ping(home), ping(home)]
                codes = [process.wait(60) for process in pair]
                assert codes == [0, 0], (codes, daemon.log[-2000:], grants.log)
            wait_until(lambda: grants.has(("/items", 11)), "the daemon uses the last token")
            assert "needs a person" not in daemon.log, daemon.log
        # Nobody ended what another had just got.
        assert grants.count("answered") == 11 and grants.count("refused") == 0, grants.log
        assert stored(home) == "r11"
        for path in (home.state / "tokens").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path


def thirty_kills():
    """Of a daemon and two `exec` killed thirty times, the grant lives, unless a kill fell between answer and disk."""
    chance = random.Random(9)
    grants = Grants()
    lived = lost = kills = 0
    with grants.server, Home() as home:
        home.connector("shop", grants.connector())
        while kills < 30:
            assert lived + lost < 30, (kills, lived, lost)
            grants.revoke()
            stage, event = chance.choice(["asked", "answered", "answered"]), threading.Event()
            grants.on_exchange = lambda at: event.set() if at == stage else None
            pause = chance.choice([0, 0.001, 0.005, 0.02, 0.1])
            processes = [Daemon(home), ping(home), ping(home)]
            assert event.wait(30), f"round {lived + lost}: nobody asked for a token"
            time.sleep(pause)
            kills += sum(1 for process in processes if process.child.poll() is None)
            for process in processes:
                process.signal(signal.SIGKILL)
            for process in processes:
                process.wait(10)
            grants.on_exchange = lambda at: None
            # The answer to one who is dead may still be on its way out.
            wait_until(lambda: grants.count("asked") == grants.count("answered") + grants.count("refused"), "answers")
            with grants.lock:
                newest, kept = f"r{grants.number}", stored(home)
                if newest == kept:
                    lived += 1
                else:
                    # The one way to lose it: the last thing that happened before the kill was an answer, and it is the
                    # only one that the disk lacks.
                    lost += 1
                    assert grants.log[-1] == ("answered", newest), grants.log[-6:]
                    assert kept == f"r{grants.number - 1}", (kept, newest)
                    # A person would have to consent again; here the server goes back.
                    grants.number -= 1
                grants.log.append(("killed", kept))
        assert lived > 0, (kills, lived, lost)
        assert grants.count("refused") == 0, grants.log
        # Whatever was left half done, the next one goes on.
        assert ping(home).wait(30) == 0, grants.log
        print(f"# {kills} kills: {lived} rounds lived, {lost} fell between answer and disk, {grants.count('answered')} exchanges")


def a_refusal_of_one_stream():
    """A 403 on one stream leaves its sister alone; one that asks to wait is no refusal; a reload has it tried again."""
    state = {"mended": False, "busy": 2}

    def answer(path, query, headers):
        if path == "/refused" and not state["mended"]:
            return 403, {"error": "not yours"}
        if path == "/busy" and state["busy"] > 0:
            state["busy"] -= 1
            return 403, {"error": "slow down"}, {"Retry-After": "1", "X-RateLimit-Remaining": "0"}
        return 200, [{"id": len(server.requests)}]

    with apis.Server(answer) as server, Home() as home:
        streams = {name: {"path": f"/{name}", "key": "id"} for name in ["good", "refused", "busy"]}
        home.connector("shop", apis.plain(server.url, streams, **EVERY))
        with Daemon(home) as daemon:
            wait_until(lambda: "shop/refused: needs a person" in daemon.log, "the refusal is told")
            known = len(home.lines("shop", "good"))
            wait_until(lambda: len(home.lines("shop", "good")) > known + 1, "the sister goes on")
            wait_until(lambda: home.lines("shop", "busy"), "the busy one was only busy")
            assert "shop/busy: needs a person" not in daemon.log, daemon.log
            rows = apis.status(home)
            assert rows["shop/refused"]["state"] == "blocked", rows["shop/refused"]
            assert rows["shop/good"]["state"] in ("idle", "syncing"), rows["shop/good"]
            assert "shop/refused: blocked" in home.run("status").stdout
            assert sum(1 for path, _ in server.requests if path.startswith("/refused")) == 1
            state["mended"] = True
            home.run("reload")
            wait_until(lambda: home.lines("shop", "refused"), "a reload has it tried again")


def two_services_on_one_data_directory():
    """A second service on the same data directory writes nothing, names the first, and goes on when that has ended."""
    with apis.Server(lambda *_: (200, [{"id": 1}])) as server, Home() as first, Home() as second:
        data = first.root / "data"
        for home in (first, second):
            home.daemon_settings({"data_directory": str(data)})
            home.connector("shop", apis.plain(server.url, {"items": {"path": "/items", "key": "id"}}, **EVERY))
        with Daemon(first) as one:
            wait_until(lambda: list(data.glob("shop/items/*.jsonl")), "the first has written")
            with Daemon(second) as two:
                wait_until(lambda: f"is in use by process {one.pid}" in two.log, "the second names the first")
                assert "data_directory" in two.log, two.log
                done = second.run("sync", "shop/items", expect=None)
                assert done.returncode == 74, (done.returncode, done.stderr)
                one.signal(signal.SIGTERM)
                assert one.wait(20) == 0
                wait_until(lambda: apis.status(second)["shop/items"].get("last_success"), "the second goes on")


def the_tls_that_was_agreed():
    """`check --connect` says which version of TLS a server and we agreed on; one that is too old is refused."""
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    with Home() as home:
        key, certificate = home.root / "key.pem", home.root / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        for newest, agreed in [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            context.maximum_version = newest
            with apis.Server(lambda *_: (200, [{"id": 1}]), tls=context) as server:
                tls = {"ca_path": str(certificate)}
                shop = apis.plain(server.url, {"items": {"path": "/items", "key": "id"}}, tls=tls)
                home.connector("shop", shop)
                assert f" over {agreed}" in home.run("check", "--connect").stdout
                home.connector("shop", {**shop, "tls": {**tls, "minimum": "1.3"}})
                expect = 0 if agreed == "TLSv1.3" else 1
                assert (f" over {agreed}" in home.run("check", "--connect", expect=expect).stdout) == (expect == 0)


if __name__ == "__main__":
    main([
        the_tls_that_was_agreed,
        ten_renewals_over_three_processes, thirty_kills, a_refusal_of_one_stream, two_services_on_one_data_directory,
    ])
