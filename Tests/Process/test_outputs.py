#!/usr/bin/env python3
"""Texts that a terminal or a log would obey, in everything that a server, a sender, a file's name or a definition can set:
no output has a control character, and none has a line more than it should."""
import json
import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import webhooks
from connectord import Home, Process, free_port, http, main, wait_until
from webhooks import Sender

# What each would do: move the cursor, clear, colour, ring, name the window, end a line, begin another journal field, turn
# the direction, hide what follows.
HOSTILE = [
    "\x1b[2J", "\x1b[31mred", "\x1b]0;title\x07", "\x1b[1A\x1b[2K", "\x1bc", "\x1b[6n", "\x1bP$q\x1b\\", "\x07", "\x08\x08\x08",
    "\x0b", "\x0c", "\x0e", "\x0f", "\x7f", "\x01", "\x1c\x1d\x1e\x1f", "a\nERROR forged", "a\r\nNOTICE  forged", "a\rforged",
    "a\n\nMESSAGE=forged", "\x85forged", "\u2028forged", "\u2029forged", "\x9b31m", "\x9d0;title\x9c", "\x90q\x9c", "\x84\x8d",
    "\u202eforged", "\u202d", "\u202a\u202b\u202c", "\u2066\u2067\u2068\u2069", "\u200e\u200f", "\u061c",
    "%1b%5b2J", "\\u001b[2J", "</td><script>forged</script>", "' OR 1=1 --", "%s%n%x", "${secrets.X}", "\t\ttabs",
]
# C0 but tab and the end of a line, DEL, C1, separators of lines and paragraphs, bidirectional controls.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def answer(path, query, headers):
    """Errors that quote the text, records whose keys and values are it, and links that lead to it."""
    kind, number = path.strip("/").split("-")
    text = HOSTILE[int(number)]
    if kind == "error":
        return 400, {"error": {"message": text, "code": text, text: text}}
    if kind == "page":
        return 200, f"<html>{text}".encode()
    if kind == "link":
        return 200, {"rows": [{"id": 1}], "next": f"http://{text}/x"}
    if kind == "key":
        return 200, {"rows": [{"id": text, text: text}]}
    return 422, {"error": text}


def stream(path):
    return {"path": path, "records": "rows", "key": "id", "paging": {"style": "link", "next": "next"}}


def check(outputs):
    wrong = []
    for place, text in outputs.items():
        for line in text.split("\n"):
            found = FORBIDDEN.search(line)
            if found:
                wrong.append(f"{place}: {line[max(0, found.start() - 60):found.end() + 20]!r}")
            if line.lstrip().startswith(("forged", "ERROR forged", "NOTICE  forged", "MESSAGE=forged")):
                wrong.append(f"{place}: a forged line: {line!r}")
    for line in wrong[:12]:
        print(f"  {line}")
    assert not wrong, f"{len(wrong)}, such as {wrong[0]}"


def texts_of_servers():
    """Answers, records and links of a server, and answers of the sink, in every command, the log, the page and metrics."""
    with apis.Server(answer) as server, Home() as home:
        outputs, numbers = {}, range(len(HOSTILE))
        port = free_port()
        home.daemon_settings({
            "log_level": "debug", "sink": "http", "listener": {"address": f"127.0.0.1:{port}"},
            "http": {"url": f"{server.url}/sink-0", "auth_type": "none", "batch_records": 1, "retry_backoff": "1ms"},
        })
        errors = {"present": "error", "message": "error.message", "code": "error.code"}
        common = {"base_url": server.url, "auth_type": "none", "max_retries": 0, "errors": errors, "schedule": {"every": "1h"},
                  "max_concurrent_streams": 64}
        for kind in ["error", "page", "link", "key"]:
            home.connector(kind, {**common, "streams": {f"s{n}": stream(f"/{kind}-{n}") for n in numbers}})

        def command(*words):
            done = home.run(*words, expect=None)
            outputs[" ".join(words)] = done.stdout + done.stderr
            return done.stdout

        for kind in ["error", "page", "link", "key"]:
            command("sync", kind)
            for line in command("sync", kind, "--json").splitlines():
                if line.startswith("{"):
                    json.loads(line)
        listed = command("dead-letters", "--json").splitlines()
        assert len(listed) >= len(HOSTILE), len(listed)
        assert {json.loads(line)["id"] for line in listed} >= set(HOSTILE), "a key is not what it was"
        command("dead-letters")
        for line in listed:
            command("dead-letters", "show", str(json.loads(line)["number"]))
        for words in [["status"], ["status", "--json"], ["cursors"], ["cursors", "--json"], ["check"], ["check", "--connect"],
                      ["webhooks"], ["dead-letters", "replay", "key", "--yes"], ["exec", "error"]]:
            command(*words)
        with open(home.root / "log", "wb") as log:
            with Process(home.words("run"), stdout=log, stderr=log) as process:
                wait_until(lambda: len(apis.status(home)) >= 4 * len(HOSTILE), "every stream", every=0.5)
                for path in ["/", "/metrics", "/status.json"]:
                    status, text = http("GET", f"http://127.0.0.1:{port}{path}")
                    assert status == 200, (path, status)
                    outputs[path] = text
                command("status")
                command("reload")
                process.signal(signal.SIGHUP)
                process.end()
        outputs["log"] = (home.root / "log").read_bytes().decode()
        check(outputs)
        assert "<script>forged" not in outputs["/"], "the page is not escaped"
        # One line an event, each with its time.
        for line in outputs["log"].splitlines():
            assert re.match(r"\d{4}-\d\d-\d\dT[\d:]+Z (ERROR|WARNING|NOTICE|INFO|DEBUG) ", line), line[:200]


def texts_of_files_and_senders():
    """Names of files, keys and values of definitions, words on the command line, and what senders of webhooks make up."""
    with Home() as home:
        outputs = {}
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}})
        home.connector("pay", webhooks.block())

        def command(*words):
            done = home.run(*words, expect=None)
            outputs[" ".join(words)] = done.stdout + done.stderr

        with open(home.root / "log", "wb") as log:
            process = home.daemon(stdout=log, stderr=log)
            wait_until(lambda: " runs " in (home.root / "log").read_text(), "the daemon")
            sender = Sender(port)
            for text in HOSTILE:
                path = "/webhooks/" + "".join(f"%{byte:02x}" for byte in text.encode())
                sender.path = path
                sender.post(b"{}", {"Stripe-Signature": "t=1,v1=00"})
            for number, text in enumerate(HOSTILE):
                if "/" not in text:
                    (home.config / "connectors.d" / f"{text}.json5").write_text("{}")
                bad = {"kind": text, "base_url": text, "auth_type": text, text: text, "streams": {text: {"path": text, text: 1}},
                       "schedule": {"cron": text}, "settings": {text: text}}
                home.connector(f"bad-{number}", bad)
            for words in [["check"], ["check", "--json"], ["reload"], ["status"], ["webhooks"], ["check", "--connect"]]:
                command(*words)
            for text in HOSTILE:
                if "\0" not in text:
                    for words in [["sync", text], ["cursors", text], ["cursors", "pay/charges", "set", text], ["exec", text],
                                  ["exec", "pay", text], ["dead-letters", "show", text], ["init", text], [text],
                                  ["status", text], ["check", f"--{text}"], ["webhooks", text],
                                  ["sync", "pay", "--since", text]]:
                        command(*words)
            process.end()
        outputs["log"] = (home.root / "log").read_bytes().decode()
        check(outputs)


if __name__ == "__main__":
    main([texts_of_servers, texts_of_files_and_senders])
