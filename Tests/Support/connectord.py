"""What the process and third-party tests share: programs started and ended by pid, connector files, delivered lines.

Numbers are never read as floating point: JSON numbers become Decimal or int, so that a changed digit shows.
"""
import decimal
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "config" / "definitions"


def binary(variable, name):
    """A program under test: named by the environment, else the debug build."""
    return os.environ.get(variable) or str(ROOT / ".build" / "debug" / name)


CONNECTORD = binary("CONNECTORD", "aitbc-connectord")
SANDBOX = binary("SANDBOX", "connector-sandbox")


def exact(text):
    """JSON without loss: integers as int, everything else as Decimal."""
    return json.loads(text, parse_float=decimal.Decimal, parse_int=int)


# Seconds that anything may take. What goes well waits for no end: this is for machines that have other work to do, and
# ten times what the daemon promises.
PATIENCE = 200
# Below the ports that the kernel gives to connections: none of those takes one of ours.
PORTS = range(20_000, 32_000)
claims = []


def free_port():
    """A port that nobody listens on, and that no other test on this machine is given until this program ends."""
    for _ in range(1_000):
        port = random.choice(PORTS)
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            # A name that lives as long as its socket.
            claim.bind(f"\0connectord-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("0.0.0.0", port))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        return port
    raise AssertionError(f"no free port in {PORTS}")


def wait_until(condition, what, seconds=PATIENCE, every=0.05):
    """Polls a condition within bounds; the value that ended the wait is returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(every)


def http(method, url, body=None, headers=None):
    """One request; returns status, text."""
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


class Process:
    """A child that is ended by its pid, whatever happens."""

    def __init__(self, words, **options):
        self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, **options)
        self.pid = self.child.pid

    def signal(self, number):
        if self.child.poll() is None:
            os.kill(self.pid, number)

    def wait(self, seconds=PATIENCE):
        return self.child.wait(timeout=seconds)

    def end(self, seconds=PATIENCE):
        if self.child.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.child.wait()
        return self.child.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Sandbox(Process):
    """The APIs that misbehave on demand."""

    KEY = "sk_test_sandbox"

    def __init__(self, *words):
        super().__init__([SANDBOX, "--quiet", *words], stdout=subprocess.PIPE, text=True)
        line = self.child.stdout.readline()
        self.urls = json.loads(line)
        self.payment, self.erp, self.aitbc = self.urls["payment"], self.urls["erp"], self.urls["aitbc"]

    def control(self, base, path, body=None, method="POST"):
        status, text = http(method, f"{base}/_sandbox/{path}", None if body is None else json.dumps(body))
        assert status < 300, (path, status, text)
        return exact(text) if text.strip() else None

    def fault(self, base, **fault):
        self.control(base, "faults", fault)

    def clear_faults(self, base):
        self.control(base, "faults", method="DELETE")

    def mutate(self, base, collection, **counts):
        self.control(base, "mutate", {"collection": collection, **counts})

    def dump(self, base, collection):
        """Every current record of a collection, by id."""
        status, text = http("GET", f"{base}/_sandbox/dump/{collection}")
        assert status == 200, (status, text)
        # Not splitlines(): it also splits at U+2028, which JSON strings may hold.
        return {record["id"]: record for record in map(exact, filter(None, text.split("\n")))}

    def served(self, base):
        return self.control(base, "served", method="GET")


class Home:
    """A configuration and a state directory of their own, removed at the end."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="connectord-test-"))
        self.config, self.state = self.root / "config", self.root / "state"
        (self.config / "connectors.d").mkdir(parents=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def connector(self, name, content):
        """JSON is valid JSON5, so a dict will do."""
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        (self.config / "connectors.d" / f"{name}.json5").write_text(text)

    def daemon_settings(self, content):
        (self.config / "connectord.json5").write_text(json.dumps(content))

    def words(self, *words):
        places = ["--config", str(self.config), "--state", str(self.state), "--definitions", str(DEFINITIONS)]
        return [CONNECTORD, words[0], *places, *words[1:]]

    def run(self, *words, expect=0, seconds=300, env=None):
        """Runs a command to its end; returns it with its output."""
        done = subprocess.run(
            self.words(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
            env={**os.environ, **(env or {})},
        )
        if expect is not None:
            assert done.returncode == expect, (words, done.returncode, done.stdout[-2000:], done.stderr[-4000:])
        return done

    def sync(self, target, *words, expect=0, seconds=300):
        """Syncs, and returns each stream's result by its name."""
        done = self.run("sync", target, "--json", *words, expect=expect, seconds=seconds)
        results = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
        return {result["stream"]: result for result in results}

    def exec(self, name, operation, data=None, *words, expect=0):
        """Runs an operation; returns its result, or, where another status is expected, the process."""
        done = self.run("exec", name, operation, json.dumps(data or {}), *words, expect=expect)
        return exact(done.stdout) if expect == 0 else done

    def daemon(self, **options):
        return Process(self.words("run"), **options)

    def lines(self, connector, stream):
        """Every delivered line of a stream, in order. A torn or foreign line is an error."""
        lines = []
        folder = self.state / "data" / connector / stream
        for path in sorted(folder.glob("*.jsonl")) if folder.exists() else []:
            content = path.read_bytes()
            assert not content or content.endswith(b"\n"), f"{path} ends with a torn line"
            for line in content.splitlines():
                delivered = exact(line)
                assert (delivered["connector"], delivered["stream"]) == (connector, stream), delivered
                lines.append(delivered)
        return lines

    def folded(self, connector, stream):
        """What a reader of the lines ends up with: the last state of every record that was not deleted."""
        records = {}
        for line in self.lines(connector, stream):
            if line["op"] == "delete":
                records.pop(line["id"], None)
            else:
                records[line["id"]] = line["record"]
        return records


def same(delivered, source):
    """Compares two maps of records id by id and field by field; says what differs."""
    missing = sorted(map(str, source.keys() - delivered.keys()))
    extra = sorted(map(str, delivered.keys() - source.keys()))
    different = [key for key in source.keys() & delivered.keys() if source[key] != delivered[key]]
    assert not missing, f"{len(missing)} records are missing, such as {missing[:3]}"
    assert not extra, f"{len(extra)} records should not be there, such as {extra[:3]}"
    assert not different, f"{len(different)} records differ, such as {[(delivered[k], source[k]) for k in different[:1]]}"


class Skip(Exception):
    """The machine lacks what a test needs; its reason is printed."""


def main(tests):
    """Runs functions whose docstrings are their sentences, and counts them on the last line."""
    passed = failed = skipped = 0
    chosen = sys.argv[1:]
    for test in tests:
        sentence = (test.__doc__ or test.__name__).strip().splitlines()[0]
        if chosen and not any(word in test.__name__ for word in chosen):
            continue
        began = time.monotonic()
        try:
            test()
        except Skip as reason:
            skipped += 1
            print(f"skipped - {sentence}: {reason}", flush=True)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
            traceback.print_exc()
            print(f"not ok - {sentence} ({time.monotonic() - began:.1f} s): {str(error)[:500]}", flush=True)
        else:
            passed += 1
            print(f"ok - {sentence} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    sys.exit(1 if failed else 0)
