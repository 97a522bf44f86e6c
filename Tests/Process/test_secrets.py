#!/usr/bin/env python3
"""No secret in any output: whatever a server throws back at us, in whatever form, is greped for everywhere."""
import base64
import json
import os
import pathlib
import signal
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Process, Sandbox, free_port, http, main, wait_until

# Characters that every encoding changes; the first and last characters tell a secret that was cut from a whole one.
SECRETS = {
    "literal": "sk_live_Literal/4+eC39 HqLyjWD\"arjtT1z=dp7dc",
    "env": "sk_live_Environ/7?Kp20 vTqqLé&x%Nm8rB4-tail-env",
    "file": "rk_live_FromFile+93 Zw/Yx~Qp'Lm5Kj(2Hg)-tail-fil",
    "credential": "whsec_FromSystemd/81=Bb Vv+Cc\\Xx:Zz;Aa-tail-crd",
    "header": "key-In-Its-Own-Header/55+Tt Rr=Ee?Ww-tail-header",
    "basic": "p4ssw0rd-Of-Basic/66+Uu Yy=Oo@Ii:Pp-tail-basic-",
    "session": "p4ssw0rd-Of-Session/77+Gg Hh=Jj#Kk!Ll-tail-sess",
    "query": "key-In-The-Query/88+Mm Nn=Oo&Pp?Qq-tail-query",
    "own-header": "key-Beside-The-Proof/99+Zz Yy=Xx?Ww-tail-own-h",
}
TOKEN = "session-token/From+The=Login 0123456789-tail-token"
USER = "bookkeeper"


def sent(headers):
    """What the request proved itself with, as the server saw it."""
    return (headers.get("Authorization") or headers.get("X-Own-Key") or headers.get("X-Session") or headers.get("Query")
            or headers.get("body", ""))


def bare(text):
    """The secret itself, taken out of its header."""
    word = text.split(" ", 1)[-1] if text.startswith(("Bearer ", "Basic ")) else text
    if text.startswith("Basic "):
        word = base64.b64decode(word).decode().split(":", 1)[1]
    return word


def escaped(text):
    return "".join(f"\\u{ord(c):04x}" for c in text)


def b64(text):
    return base64.b64encode(text.encode()).decode()


MODES = {
    "message": lambda s: (401, {"error": {"message": f"Invalid key: {s}"}}),
    "html": lambda s: (403, f"<html><body>denied for <b>{urllib.parse.quote(bare(s))}</b></body></html>".encode()),
    "retried": lambda s: (500, f"internal error while handling {s}".encode()),
    "page": lambda s: (200, f"{s}".encode()),
    "inside": lambda s: (200, b'{"rows":[{"id":1},{"id":' + bare(s).encode() + b"}]}"),
    "cut": lambda s: (400, {"error": {"message": "x" * (290 - len(s) // 4) + bare(s)}}),
    "cut-html": lambda s: (400, ("y" * 4080 + bare(s)).encode()),
    "with-200": lambda s: (200, {"error": {"message": s, "code": bare(s)}}),
    "redirect": lambda s: (302, b"", {"Location": f"http://127.0.0.2:1/?key={urllib.parse.quote_plus(bare(s))}"}),
    "value": lambda s: (200, {"rows": [{"id": bare(s), "updated": bare(s)}]}),
    "link": lambda s: (200, {"rows": [], "next": f"http://{urllib.parse.quote(bare(s), safe='')}@127.0.0.2/"}),
    "encoded": lambda s: (401, {"error": {"message": f"got {b64(s)} and {b64(bare(s))}"}}),
    "with-user": lambda s: (401, {"error": {"message": f"got {b64(USER + ':' + bare(s))}"}}),
    "escaped": lambda s: (401, ('{"error":{"message":"got ' + escaped(bare(s)) + '"}}').encode()),
    "escaped-text": lambda s: (401, ("got " + json.dumps(s) + json.dumps(bare(s))).encode()),
    "percent": lambda s: (422, {"error": {"message": urllib.parse.quote(s, safe="") + urllib.parse.quote_plus(s)}}),
    "hex": lambda s: (401, {"error": {"message": f"got {s.encode().hex()} and {bare(s).encode().hex().upper()}"}}),
    "missing": lambda s: (200, {bare(s): []}),
}


def answer(path, query, headers):
    if path == "/login":
        return 200, {"token": TOKEN}
    if path == "/bad-login":
        return 401, {"error": {"message": headers["body"]}}
    return MODES[path.split("/")[1]](sent({**headers, "Query": query.get("key", "")}))


def latin(text):
    """Headers travel as latin-1 in Python's server; our UTF-8 comes back as two characters."""
    return text.encode("latin-1", "ignore").decode("utf-8", "ignore")


def decoding(path, query, headers):
    return answer(path, query, {name: latin(value) if name != "body" else value for name, value in headers.items()})


def connectors(home, url):
    streams = {
        name: {
            "path": f"/{name}", "records": "rows", "paging": {"style": "link", "next": "next"},
            "cursor": {"field": "updated", "format": "iso8601", "lower": {"since": "${cursor}"}},
        }
        for name in MODES
    }
    secret_file = home.root / "secret"
    secret_file.write_text(SECRETS["file"] + "\n")
    secret_file.chmod(0o600)
    credentials = home.root / "credentials"
    credentials.mkdir()
    (credentials / "payment").write_text(SECRETS["credential"])
    common = {
        "base_url": url, "max_retries": 1, "retry_backoff": "1ms", "streams": streams, "max_concurrent_streams": 20,
        "errors": {"present": "error", "message": "error.message", "code": "error.code"},
        "schedule": {"every": "1h"},
    }
    login = {
        "path": "/login", "body": {"user": "${username}", "password": "${password}"}, "returns": {"token": "token"},
        "header": "X-Session", "value": "${token}",
    }
    person = {"username": USER, "password": SECRETS["session"]}
    files = {
        "literal": {"api_key": SECRETS["literal"]},
        "env": {"api_key": {"env": "PAYMENT_KEY"}},
        "file": {"api_key": {"file": str(secret_file)}},
        "credential": {"api_key": {"credential": "payment"}},
        "header": {"auth_type": "api_key", "api_key": SECRETS["header"], "auth_config": {"header_name": "X-Own-Key"}},
        "basic": {"auth_type": "basic", "auth_config": {"username": USER, "password": SECRETS["basic"]}},
        "session": {"auth_type": "session", "auth_config": {**person, "login": login}},
        "bad-login": {"auth_type": "session", "auth_config": {**person, "login": {**login, "path": "/bad-login"}}},
    }
    none = {"auth_type": "none", "secrets": {"key": {"env": "QUERY_KEY"}, "own": {"env": "OWN_KEY"}}}
    asked = {name: {**stream, "query": {"key": "${secrets.key}"}} for name, stream in streams.items()}
    files["query"] = {**none, "streams": asked}
    files["own-header"] = {**none, "headers": {"X-Own-Key": "${settings.own}"}, "settings": {"own": "${secrets.own}"}}
    for name, file in files.items():
        home.connector(name, {**common, **file})
    keys = {"PAYMENT_KEY": SECRETS["env"], "QUERY_KEY": SECRETS["query"], "OWN_KEY": SECRETS["own-header"]}
    return list(files), {**keys, "CREDENTIALS_DIRECTORY": str(credentials)}


def forms(secret):
    """How a secret may look; its two ends alone give a cut one away."""
    quoted = [urllib.parse.quote(secret), urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)]
    pairs = [f"{USER}:{secret}", f"Bearer {secret}"]
    json_forms = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], escaped(secret)]
    hexadecimal = [secret.encode().hex(), secret.encode().hex().upper()]
    encoded = [b64(secret).rstrip("="), *(b64(pair).rstrip("=") for pair in pairs)]
    return {secret, *quoted, *json_forms, *encoded, *hexadecimal, secret[:14], secret[-10:], b64(secret)[:16]}


def leaks(outputs):
    found = []
    for secret in [*SECRETS.values(), TOKEN]:
        for form in forms(secret):
            for place, content in outputs.items():
                at = content.find(form.encode())
                if at >= 0:
                    found.append((place, form, content[max(0, at - 150):at + 60]))
    return found


def collect(home, names, environment):
    outputs = {}
    listener = f"127.0.0.1:{free_port()}"
    home.daemon_settings({"log_level": "debug", "listener": {"address": listener}})

    def command(*words):
        done = home.run(*words, expect=None, env=environment)
        outputs[" ".join(words)] = (done.stdout + done.stderr).encode()

    with open(home.root / "log", "wb") as log:
        env = {**os.environ, **environment}
        with Process(home.words("run"), stdout=log, stderr=log, env=env) as process:
            # A refused credential rests its whole connector, so not every stream runs here.
            began = lambda: {name.split("/")[0] for name, row in apis.status(home).items() if row.get("last_run")}
            try:
                wait_until(lambda: began() >= set(names), "every connector ran", every=0.5)
                for path in ["/", "/metrics", "/status.json"]:
                    status, text = http("GET", f"http://{listener}{path}")
                    assert status == 200, (path, status)
                    outputs[path] = text.encode()
                command("status")
                outputs["status of the daemon"] = outputs.pop("status")
                command("check", "--connect")
            finally:
                process.signal(signal.SIGHUP)
                process.end()
    for name in names:
        for mode in MODES:
            command("sync", f"{name}/{mode}")
        command("sync", name, "--json")
    for words in [["check"], ["check", "--json"], ["status"], ["status", "--json"], ["cursors"], ["cursors", "--json"]]:
        command(*words)
    outputs["log"] = (home.root / "log").read_bytes()
    for path in home.state.rglob("*"):
        # What a source sends as a record is delivered as it is, its own business.
        if path.is_file() and path.suffix != ".jsonl":
            outputs[f"state/{path.name}"] = path.read_bytes()
    return outputs


def nothing_leaks():
    """Secrets of every kind and place, echoed by a server in seventeen ways, stand in no log, output, status or state."""
    with apis.Server(decoding) as server, Home() as home:
        names, environment = connectors(home, server.url)
        outputs = collect(home, names, environment)
        seen = {path.split("?")[0].strip("/") for path, _ in server.requests}
        assert seen >= {*MODES, "login", "bad-login"}, seen
        assert any(place.startswith("state/state.db") for place in outputs), outputs.keys()
        assert all(f"{name}/" in outputs["log"].decode() for name in names), "some connector did not run"
        found = leaks(outputs)
        for place, form, around in found[:12]:
            print(f"  {place}: {form!r} in {around!r}")
        assert not found, f"{len(found)} leaks, in {sorted({place for place, _, _ in found})}"


def messages_of_the_sandbox():
    """A real message beside a hidden secret is still there to be read."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        secret = "sk_live_" + "wrong0123456789"
        home.connector("pay", {**apis.stripe(sandbox, ["charges"]), "api_key": secret})
        done = home.run("sync", "pay", expect=1)
        assert "Invalid API Key provided" in done.stderr and secret not in done.stderr + done.stdout, done.stderr
        assert "pay.json5" in home.run("check").stdout, "a literal secret deserves a warning with its place"


def mistakes_in_files():
    """A mistake beside or in a secret is reported without it."""
    secret = SECRETS["literal"]
    wrong = [
        {"api_key": [secret]}, {"api_key": {"litteral": secret}}, {"api_keyy": secret}, {"api_key": {"env": ""}},
        {"auth_type": "basic", "auth_config": {"username": USER, "pasword": secret}},
        {"auth_type": "basic", "auth_config": {"username": USER, "password": {"credential": [secret]}}},
        {"auth_type": "session", "auth_config": {"username": USER, "password": secret, "login": {"path": 1}}},
    ]
    with Home() as home:
        for number, file in enumerate(wrong):
            home.connector(f"wrong-{number}", {"base_url": "https://api.example.com", "streams": {"a": {}}, **file})
        outputs = {}
        for words in [["check"], ["check", "--json"], ["run"]]:
            done = home.run(*words, expect=78)
            outputs[" ".join(words)] = (done.stdout + done.stderr).encode()
        found = leaks(outputs)
        assert not found, found[:3]


def a_secret_learnt_by_a_reload():
    """A secret that comes with a reload is hidden like the first ones."""
    with apis.Server(decoding) as server, Home() as home:
        connector = {
            "base_url": server.url, "max_retries": 1, "retry_backoff": "1ms", "schedule": {"every": "1s"},
            "errors": {"message": "error.message"}, "streams": {"retried": {"path": "/retried", "records": "rows"}},
        }
        home.connector("first", {**connector, "api_key": SECRETS["literal"]})
        with open(home.root / "log", "wb") as log, Process(home.words("run"), stdout=log, stderr=log) as process:
            wait_until(lambda: b"first/retried" in (home.root / "log").read_bytes(), "the first run")
            home.connector("second", {**connector, "api_key": SECRETS["header"]})
            process.signal(signal.SIGHUP)
            wait_until(lambda: b"second/retried: sync failed" in (home.root / "log").read_bytes(), "the second's run")
        found = leaks({"log": (home.root / "log").read_bytes(), "status": home.run("status").stdout.encode()})
        assert not found, found[:3]


def links_that_are_kept():
    """A next link bears a key and a session's token: the state has neither, and another process sends both."""
    written_out = "key-Written-Into-The-File/44+Kk Ll=Mm-tail-written"
    servers = []
    refused = [True]

    def listing(path, query, headers):
        if path == "/login":
            return 200, {"token": TOKEN}
        number = int(query.get("page", "1"))
        if number > 1:
            proofs = [query.get("key"), query.get("access_token"), query.get("api_key")]
            assert proofs == [SECRETS["query"], TOKEN, written_out], proofs
        if number == 3 and refused[0]:
            return 500, b""
        echoed = {"page": number + 1, "key": SECRETS["query"], "access_token": TOKEN, "api_key": written_out}
        following = f"{servers[0]}/list?{urllib.parse.urlencode(echoed)}" if number < 4 else None
        return 200, {"rows": [{"id": number * 10 + row} for row in range(5)], "next": following}

    with apis.Server(listing) as server, Home() as home:
        servers.append(server.url)
        login = {
            "path": "/login", "body": {"user": "${username}", "password": "${password}"},
            "returns": {"token": "token"}, "header": "X-Session", "value": "${token}",
        }
        home.connector("shop", {
            "base_url": server.url, "max_retries": 1, "retry_backoff": "1ms", "auth_type": "session",
            "auth_config": {"username": USER, "password": SECRETS["session"], "login": login},
            "secrets": {"key": {"env": "QUERY_KEY"}},
            "streams": {"orders": {
                "path": "/list", "records": "rows", "query": {"key": "${secrets.key}", "api_key": written_out},
                "paging": {"style": "link", "next": "next"},
            }},
            "operations": {"ask": {"method": "POST", "path": "/ask", "headers": {"X-Auth-Token": written_out}}},
        })
        keys = {"QUERY_KEY": SECRETS["query"]}
        first = home.run("sync", "shop", expect=1, env=keys)
        shown = {"sync": (first.stdout + first.stderr).encode()}
        for words in [["exec", "shop", "ask", "--dry-run"], ["cursors", "--json"], ["status", "--json"]]:
            done = home.run(*words, expect=0, env=keys)
            shown[" ".join(words)] = (done.stdout + done.stderr).encode()
        check = home.run("check", env=keys)
        assert "streams.orders.query.api_key" in check.stdout, check.stdout
        state = {path.name: path.read_bytes() for path in home.state.rglob("*") if path.is_file() and path.suffix != ".jsonl"}
        assert any("page=3".encode() in content for content in state.values()), "the walk is not in the state"
        SECRETS["written"] = written_out
        found = leaks({**shown, **state})
        del SECRETS["written"]
        assert not found, found[:3]
        refused[0] = False
        before = len(server.requests)
        home.run("sync", "shop", env=keys)
        again = [path for path, _ in server.requests[before:]]
        assert "page=3" in again[1] and again[0].startswith("/login"), again
        ids = home.folded("shop", "orders")
        assert len(ids) == 20, sorted(ids)


if __name__ == "__main__":
    main([nothing_leaks, messages_of_the_sandbox, mistakes_in_files, a_secret_learnt_by_a_reload, links_that_are_kept])
