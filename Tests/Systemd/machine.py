"""What the tests inside a booted machine share: systemctl, the journal, the sandbox as a unit, the installed daemon.

They run as root on a machine of their own, with the packages, the sandbox and this folder beside each other.
"""
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import connectord as c

NAME = "aitbc-connectord"
UNIT = f"{NAME}.service"
SOCKET = f"{NAME}.socket"
CONFIG = pathlib.Path("/etc") / NAME
STATE = pathlib.Path("/var/lib") / NAME
DROP_INS = pathlib.Path("/etc/systemd/system") / f"{UNIT}.d"
PAYMENT, ERP = "http://127.0.0.1:18001", "http://127.0.0.1:18002"
KEY, ERP_SECRET = "sk_test_sandbox", "erp-secret"
# A machine that is emulated is slow; nothing here measures speed.
PATIENCE = 60


def run(*words, expect=0, seconds=120, input="", **options):
    """A command to its end; its status has to be `expect`, unless that is None."""
    done = subprocess.run(words, input=input, capture_output=True, text=True, timeout=seconds, **options)
    if expect is not None:
        assert done.returncode == expect, (words, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done


def systemctl(*words, expect=0):
    return run("systemctl", "--no-pager", *words, expect=expect)


def show(property, unit=UNIT):
    return systemctl("show", "--value", "-p", property, unit).stdout.strip()


def main_pid():
    """The daemon's process; 0 where it does not run."""
    return int(show("MainPID"))


def running_pid():
    """The same, and a failure where it does not run: a signal to 0 would reach the tests themselves."""
    pid = main_pid()
    assert pid > 0, systemctl("status", "-n", "30", UNIT, expect=None).stdout
    return pid


def is_active():
    return show("ActiveState") == "active"


def cursor():
    """The end of the journal now: what comes later is new."""
    run("journalctl", "--sync")
    return run("journalctl", "-n", "1", "-o", "json").stdout.splitlines()[-1]


class Journal:
    """Entries of the unit since the moment this was made."""

    def __init__(self):
        self.cursor = json.loads(cursor())["__CURSOR"]

    def entries(self, *matches):
        run("journalctl", "--sync")
        text = run(
            "journalctl", "--after-cursor", self.cursor, "-u", UNIT, "-o", "json", "--all", *matches
        ).stdout
        return [json.loads(line) for line in text.splitlines()]

    def text(self, *matches):
        return "\n".join(str(entry.get("MESSAGE", "")) for entry in self.entries(*matches))

    def says(self, *words, seconds=PATIENCE):
        """Waits until the entries hold all words."""
        return c.wait_until(
            lambda: all(word in self.text() for word in words), f"the journal says {words}", seconds, 0.3
        )


def drop_in(name, text):
    DROP_INS.mkdir(parents=True, exist_ok=True)
    (DROP_INS / f"{name}.conf").write_text(text)
    systemctl("daemon-reload")


def start_sandbox(*words):
    """The APIs, as a unit of their own, so that they outlive the daemon's restarts."""
    systemctl("stop", "sandbox.service", expect=None)
    run(
        "systemd-run", "--quiet", "--unit=sandbox", "--collect", str(HERE / "connector-sandbox"),
        "--payment-port", "18001", "--erp-port", "18002", "--quiet", *words,
    )
    c.wait_until(lambda: reaches(PAYMENT), "the sandbox answers", PATIENCE)


def reaches(url):
    try:
        c.http("GET", url)
    except OSError:
        return False
    return True


def mutate(base, collection, **counts):
    """What colleagues and customers do all day."""
    status, text = c.http("POST", f"{base}/_sandbox/mutate", json.dumps({"collection": collection, **counts}))
    assert status < 300, (status, text)


def held(base, collection):
    """Every record that the API holds, by id."""
    status, text = c.http("GET", f"{base}/_sandbox/dump/{collection}")
    assert status == 200, (status, text)
    return {record["id"]: record for record in map(c.exact, filter(None, text.split("\n")))}


def add_secret(name, value):
    folder = CONFIG / "credentials"
    (folder / name).write_text(value)
    (folder / name).chmod(0o600)


def add_connector(name, content):
    path = CONFIG / "connectors.d" / f"{name}.json5"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))


# What is delivered: the sandbox's collections by the connector's streams.
DEMO_STREAMS = {"charges": "charges", "customers": "customers"}
ERP_STREAMS = {"customers": "Customers", "orders": "Orders"}


def demo_connector(**more):
    return {
        "definition": "stripe", "base_url": PAYMENT, "api_key": {"credential": "demo"},
        "schedule": {"every": "2s"}, "streams": {"events": {}, "charges": {}, "customers": {}},
    } | more


def erp_connector(**more):
    return {
        "kind": "erp", "base_url": ERP, "auth_type": "basic",
        "auth_config": {"username": "erp", "password": {"credential": "erp"}}, "schedule": {"every": "2s"},
        "defaults": {
            "records": "value", "key": "id", "query": {"$orderby": "modified,id"},
            "paging": {"style": "link", "next": ["@odata.nextLink"], "anchor": "server"},
            "cursor": {
                "field": "modified", "order": "ascending", "lookback": "1m",
                "lower": {"$filter": "modified ge ${cursor}"},
            },
        },
        "streams": {"customers": {"path": "/odata/Customers"}, "orders": {"path": "/odata/Orders"}},
    } | more


def lines(connector, stream):
    """Every delivered line in order. A torn or foreign line is an error."""
    return c.Home.lines(Delivered, connector, stream)


def folded(connector, stream):
    """What a reader of the lines ends up with."""
    records = {}
    for line in lines(connector, stream):
        if line["op"] == "delete":
            records.pop(line["id"], None)
        else:
            records[line["id"]] = line["record"]
    return records


class Delivered:
    """Where c.Home.lines looks."""

    state = STATE


def is_in_step(connector, base, streams):
    return all(folded(connector, stream) == held(base, collection) for stream, collection in streams.items())


def await_in_step(connector, base, streams):
    """Polls until the files add up to what the API holds; a failure says what differs."""
    end = time.monotonic() + PATIENCE
    while not is_in_step(connector, base, streams):
        if time.monotonic() > end:
            for stream, collection in streams.items():
                c.same(folded(connector, stream), held(base, collection))
        time.sleep(0.3)


def assert_nothing_twice(connector, stream):
    """Exactly once: no line says what the line of the same record before it said."""
    last = {}
    for line in lines(connector, stream):
        said = (line["op"], json.dumps(line["record"], default=str))
        assert last.get(line["id"]) != said, f"{connector}/{stream}: {line['id']} came twice with the same content"
        last[line["id"]] = said


def has_command(name):
    """Whether the installed program knows a command."""
    return f"\n  {name} " in run(f"/usr/bin/{NAME}", "--help").stdout
