#!/usr/bin/env python3
"""One life of a machine between two power cuts: looks what the last one left, then works until the next one.

usage: powercut.py ROUND [last]     deploy/test-power-cut runs it in a virtual machine, whose disk lives on

Prints `ACK n` for each webhook that was answered 200. The host cuts the power at one of these lines; what it has read
by then is in the file `acknowledged` of the next round.
"""
import os
import shutil
import sys

import webhooks
from machine import *

ROUND = int(sys.argv[1])
IS_LAST = sys.argv[2:] == ["last"]
LISTENER = 18480
# A sync of these is under way when the power goes, each time that of a connector of its own.
CHARGES = 3_000
EVENTS_A_ROUND = 100_000


def say(text):
    print(text, flush=True)


def set_up():
    """The first life: the package, one connector that lives from events."""
    package = sorted(HERE.glob(f"{NAME}_*.deb"))[0]
    run("dpkg", "-i", str(package), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, seconds=300)
    (CONFIG / "connectord.json5").write_text(json.dumps({"listener": {"address": f"127.0.0.1:{LISTENER}"}}))
    add_connector("pay", webhooks.block())
    add_secret("demo", KEY)
    drop_in("test", f"[Service]\nLoadCredential=demo:/etc/{NAME}/credentials/demo\nRestartSec=1\n")
    # The source is there before the daemon, and after each boot the same.
    shutil.copy(HERE / "connector-sandbox", "/usr/local/bin/connector-sandbox")
    pathlib.Path("/etc/systemd/system/sandbox.service").write_text(f"""[Unit]
Before={UNIT}
[Service]
ExecStart=/usr/local/bin/connector-sandbox --payment-port 18001 --erp-port 18002 --charges {CHARGES} --quiet
[Install]
WantedBy=multi-user.target
""")
    systemctl("enable", "--now", "sandbox.service")
    systemctl("enable", UNIT)
    # What the operator did is not what is tried here.
    os.sync()


def is_well():
    status = json.loads(run(f"/usr/bin/{NAME}", "status", "--json").stdout)
    return status["daemon"] and not [row for row in status["streams"] if row["state"] in ("failing", "blocked")]


def look():
    """The state opened, nothing acknowledged is lost, nothing is there twice, no line is torn."""
    try:
        c.wait_until(is_active, "the daemon runs", PATIENCE)
    finally:
        text = run("journalctl", "-u", UNIT, "-b", "-o", "cat").stdout
        if not is_active():
            say(text + "\n".join(str(path) for path in CONFIG.rglob("*")))
    assert "damaged" not in text and "corrupt" not in text, text
    acknowledged = {f"ch_{line}" for line in (HERE / "acknowledged").read_text().split()}
    c.wait_until(lambda: acknowledged <= folded("pay", "charges").keys(), "every acknowledged event", PATIENCE)
    assert_nothing_twice("pay", "charges")
    for number in range(ROUND):
        name = f"list-{number}"
        await_in_step(name, PAYMENT, {"charges": "charges"})
        assert_nothing_twice(name, "charges")
    c.wait_until(is_well, "no stream fails", PATIENCE)
    say(f"ROUND {ROUND}: {len(acknowledged)} acknowledged events, {ROUND} lists: nothing lost, nothing twice")


def work():
    """Events and a sync at once, until the power goes."""
    add_connector(f"list-{ROUND}", demo_connector(streams={"charges": {}}, schedule={"every": "1s"}))
    os.sync()
    done = systemctl("restart" if ROUND == 0 else "reload", UNIT, expect=None)
    assert done.returncode == 0, run("journalctl", "-u", UNIT, "-b", "-n", "30", "-o", "cat").stdout
    sender = webhooks.Sender(LISTENER)
    for number in range(ROUND * EVENTS_A_ROUND, (ROUND + 1) * EVENTS_A_ROUND):
        if sender.post(webhooks.event(number))[0] == 200:
            say(f"ACK {number}.")


if ROUND == 0:
    set_up()
c.wait_until(lambda: reaches(PAYMENT), "the source", PATIENCE)
if ROUND > 0:
    look()
if not IS_LAST:
    work()
