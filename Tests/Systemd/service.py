#!/usr/bin/env python3
"""The package's life on a booted Debian: install, configure, start, reload, hang, break, update, stop, purge.

Runs inside the machine (deploy/test-systemd puts it there), in this order: each test goes on where the last one ended.
"""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import threading
import time

from machine import *

OLD, NEW = sorted(HERE.glob(f"{NAME}_*.deb"))
# Short, so that a hanging daemon is found within seconds.
WATCHDOG_SECONDS = 6
# For programs without the command `reload`.
RELOAD_BY_SIGNAL = "ExecReload=\nExecReload=+/bin/kill -HUP $MAINPID\n"


def install(package):
    return run("dpkg", "-i", str(package), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, seconds=300)


def mode_of(path):
    entry = os.stat(path)
    return stat.S_IMODE(entry.st_mode), pathlib.Path(path).owner(), pathlib.Path(path).group()


def test_install():
    """installing starts and enables nothing"""
    install(OLD)
    for unit in [UNIT, SOCKET]:
        assert show("ActiveState", unit) == "inactive", unit
        assert systemctl("is-enabled", unit, expect=1).stdout.strip() == "disabled", unit
    assert run("pgrep", "-f", f"/usr/bin/{NAME} run", expect=1).stdout == ""
    systemctl("preset", UNIT, SOCKET)
    assert systemctl("is-enabled", UNIT, expect=1).stdout.strip() == "disabled", "presets must not enable it"


def test_folders():
    """user, folders and their modes are there"""
    assert mode_of(CONFIG) == (0o755, "root", "root")
    assert mode_of(CONFIG / "connectors.d") == (0o750, "root", NAME)
    assert mode_of(CONFIG / "credentials") == (0o700, "root", "root")
    assert mode_of(CONFIG / "connectord.json5") == (0o644, "root", "root")
    assert mode_of(STATE) == (0o750, NAME, NAME)
    assert run("getent", "passwd", NAME).stdout.strip().endswith(f":/var/lib/{NAME}:/usr/sbin/nologin")


def test_fresh_check():
    """the shipped configuration passes `check`, and starts with nothing to do"""
    run(f"/usr/bin/{NAME}", "check")
    systemctl("start", UNIT)
    assert is_active()
    systemctl("stop", UNIT)


def test_start():
    """systemctl start returns when the daemon is ready, with a plain and an encrypted credential"""
    start_sandbox("--charges", "700", "--customers", "120")
    add_secret("demo", KEY)
    run(
        "systemd-creds", "encrypt", "--with-key=host", "--name=erp", "-", str(CONFIG / "credentials" / "erp.cred"),
        input=ERP_SECRET,
    )
    drop_in("test", f"""[Service]
LoadCredential=demo:/etc/{NAME}/credentials/demo
LoadCredentialEncrypted=erp:/etc/{NAME}/credentials/erp.cred
WatchdogSec={WATCHDOG_SECONDS}
RestartSec=1
""" + ("" if has_command("reload") else RELOAD_BY_SIGNAL))
    add_connector("demo", demo_connector())
    journal = Journal()
    began = time.monotonic()
    systemctl("enable", "--now", UNIT)
    took = time.monotonic() - began
    assert (show("ActiveState"), show("SubState")) == ("active", "running")
    assert show("StatusText"), "there is no STATUS"
    # Said before READY: there at once.
    assert "runs 1 connector" in journal.text(), journal.text()
    ready = int(show("ActiveEnterTimestampMonotonic")) - int(show("ExecMainStartTimestampMonotonic"))
    print(f"   to READY {ready // 1000} ms, systemctl {took * 1000:.0f} ms; status: {show('StatusText')}")


def test_records():
    """records arrive, each as the source has it, exactly once"""
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    for stream in DEMO_STREAMS:
        assert_nothing_twice("demo", stream)


def test_journal():
    """journalctl CONNECTOR=demo -o json shows the fields"""
    text = run("journalctl", "-u", UNIT, "CONNECTOR=demo", "-o", "json").stdout
    entries = [json.loads(line) for line in text.splitlines()]
    runs = [entry for entry in entries if entry.get("RECORDS", "0") != "0"]
    assert runs, entries[:3]
    for field in ["MESSAGE_ID", "STREAM", "RUN_ID", "RECORDS", "BYTES", "DURATION_USEC", "CURSOR", "PRIORITY"]:
        assert field in runs[0], (field, sorted(runs[0]))
    assert runs[0]["_SYSTEMD_UNIT"] == UNIT and runs[0]["PRIORITY"] == "6", runs[0]
    assert re.fullmatch("[0-9a-f]{32}", runs[0]["MESSAGE_ID"])


def test_catalog():
    """journalctl -x explains the lines"""
    text = run("journalctl", "-x", "-u", UNIT, "-o", "short").stdout
    assert "Failed to set thread priority" not in text, "the runtime complains of the unit's filter"
    assert "Subject: aitbc-connectord has started" in text, text[-3000:]
    assert "Subject: A sync of demo/charges has succeeded" in text, text[-3000:]


def test_commands():
    """root's shell has status, sync and check --connect of the running service, with its credentials"""
    program = f"/usr/bin/{NAME}"
    status = run(program, "status").stdout
    assert f"(pid {running_pid()}): 1 connector: " in status and "demo/charges" in status, status
    mutate(PAYMENT, "charges", create=3)
    assert "demo/charges: " in run(program, "sync", "demo/charges").stderr
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    assert run(program, "check", "--connect").stdout.startswith("demo: ok, GET "), "the credential was not found"
    nobody = run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program, "status", expect=None)
    assert KEY not in nobody.stdout + nobody.stderr and nobody.returncode in (0, 74), (nobody.stdout, nobody.stderr)


def test_sandbox_of_the_process():
    """the process runs as its own user, without rights, filtered, and alone with its folders"""
    status = pathlib.Path(f"/proc/{running_pid()}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split()[0] == run("id", "-u", NAME).stdout.strip()
    assert int(fields["CapBnd"], 16) == 0 and int(fields["CapEff"], 16) == 0, fields["CapBnd"]
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
    mounts = pathlib.Path(f"/proc/{running_pid()}/mountinfo").read_text().splitlines()
    options = {line.split()[4]: line.split()[5].split(",") for line in mounts}
    assert "ro" in options["/"] and "noexec" in options["/"], options["/"]
    assert "rw" in options[str(STATE)], options[str(STATE)]


def test_secrets_stay_secret():
    """no secret is in the journal, in the unit's properties or in the state"""
    shown = run("journalctl", "-u", UNIT, "-o", "json", "--all").stdout + systemctl("show", UNIT).stdout
    assert KEY not in shown and ERP_SECRET not in shown
    for path in STATE.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_good_reload():
    """systemctl reload takes a good change without a restart"""
    pid, journal = running_pid(), Journal()
    add_connector("erp", erp_connector())
    systemctl("reload", UNIT)
    journal.says("1")
    await_in_step("erp", ERP, ERP_STREAMS)
    assert (main_pid(), show("NRestarts")) == (pid, "0")


def test_bad_reload():
    """systemctl reload fails for a bad change, says why, and all goes on as before"""
    pid, journal = running_pid(), Journal()
    add_connector("broken", '{ definition: "stripe", api_key: { credential: "demo" }, shedule: {} }')
    add_connector("erp", erp_connector(schedule={"every": "1h"}))
    done = systemctl("reload", UNIT, expect=None)
    journal.says("broken.json5:1:", "shedule", "the old configuration stays in force")
    assert main_pid() == pid and is_active()
    mutate(ERP, "Orders", create=7, update=2)
    await_in_step("erp", ERP, ERP_STREAMS)
    (CONFIG / "connectors.d" / "broken.json5").unlink()
    add_connector("erp", erp_connector())
    systemctl("reload", UNIT)
    assert "shedule" in systemctl("status", "-n", "30", UNIT, expect=None).stdout
    if not has_command("reload"):
        raise c.Skip("this program has no command `reload`: the exit status of the refusal was not looked at")
    assert done.returncode != 0, "a refused reload must fail"


def test_one_bad_file_at_the_start():
    """at the start one bad connector file stops no other one"""
    journal = Journal()
    add_connector("broken", '{ definition: "stripe", api_key: { credential: "nowhere" } }')
    systemctl("restart", UNIT)
    assert is_active()
    journal.says("broken.json5:1:", "nowhere")
    mutate(PAYMENT, "charges", create=5)
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    (CONFIG / "connectors.d" / "broken.json5").unlink()
    systemctl("reload", UNIT)


def test_watchdog():
    """a daemon that hangs is ended by the watchdog and started again, and loses nothing"""
    pid, restarts, journal = running_pid(), int(show("NRestarts")), Journal()
    os.kill(pid, signal.SIGSTOP)
    mutate(PAYMENT, "charges", create=30, update=5)
    c.wait_until(
        lambda: is_active() and main_pid() not in (0, pid), "the daemon runs again", WATCHDOG_SECONDS + PATIENCE
    )
    assert int(show("NRestarts")) == restarts + 1, show("NRestarts")
    text = run("journalctl", "--after-cursor", journal.cursor, "-o", "cat").stdout
    assert "Watchdog timeout" in text, text[-2000:]
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    for stream in DEMO_STREAMS:
        assert_nothing_twice("demo", stream)


def test_kill():
    """kill -9 in the middle of a sync: started again, nothing lost, nothing twice"""
    for _ in range(3):
        pid = running_pid()
        mutate(PAYMENT, "charges", create=200, update=20)
        os.kill(pid, signal.SIGKILL)
        c.wait_until(lambda: is_active() and main_pid() not in (0, pid), "the daemon runs again", PATIENCE)
        systemctl("reset-failed", UNIT)
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    assert_nothing_twice("demo", "charges")


def answers(port=8480):
    """Whether a connection is taken; the answer's status line."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.makefile("rb").readline().decode()


def test_socket():
    """with the socket unit, restarts refuse no connection"""
    systemctl("enable", "--now", SOCKET, expect=None)
    systemctl("stop", UNIT)
    systemctl("start", SOCKET)
    systemctl("start", UNIT)
    assert answers().startswith("HTTP/1.1 404"), answers()
    trouble, count, done = [], [0], threading.Event()

    def knock():
        while not done.is_set():
            try:
                line = answers()
                if not line.startswith("HTTP/1.1 404"):
                    trouble.append(line)
                count[0] += 1
            except OSError as error:
                trouble.append(repr(error))

    knocking = threading.Thread(target=knock)
    knocking.start()
    for _ in range(3):
        systemctl("restart", UNIT)
        before = count[0]
        c.wait_until(lambda: count[0] > before + 5, "connections are answered", PATIENCE)
    done.set()
    knocking.join()
    print(f"   {count[0]} connections during 3 restarts, {len(trouble)} refused or cut: {trouble[:3]}")
    refused = [line for line in trouble if "Refused" in line]
    assert not refused, refused[:3]
    # One that the old process had taken and not read may be cut: senders repeat it.
    assert len(trouble) <= 3, trouble
    systemctl("disable", "--now", SOCKET)
    systemctl("restart", UNIT)


def test_bad_configuration():
    """a bad configuration ends in `failed` with 78 and no restart"""
    path, journal = CONFIG / "connectord.json5", Journal()
    good = path.read_text()
    path.write_text("{ log_level: 7,\n  sinc: \"file\" }\n")
    restarts = show("NRestarts")
    systemctl("restart", UNIT, expect=1)
    assert (show("ActiveState"), show("Result"), show("ExecMainStatus")) == ("failed", "exit-code", "78")
    journal.says("connectord.json5:1:", "connectord.json5:2:", "sinc")
    # RestartSec is one second here: a loop would show by now.
    time.sleep(4)
    assert (show("ActiveState"), show("ExecMainStatus")) == ("failed", "78")
    assert show("NRestarts") in ("0", restarts)
    starts = [line for line in journal.text().splitlines() if "configuration is refused" in line]
    assert len(starts) == 1, starts
    path.write_text(good)
    systemctl("start", UNIT)
    assert is_active()


def test_bad_configuration_behind_the_socket():
    """connections to the socket unit start a badly configured daemon five times at most"""
    path, journal = CONFIG / "connectord.json5", Journal()
    good = path.read_text()
    systemctl("stop", UNIT)
    path.write_text("{ log_level: 7 }\n")
    systemctl("start", SOCKET)
    for _ in range(20):
        try:
            answers()
        except OSError:
            time.sleep(0.1)
    c.wait_until(lambda: show("ActiveState", SOCKET) == "failed", "the socket unit gives up", PATIENCE)
    assert (show("ActiveState"), show("ExecMainStatus")) == ("failed", "78")
    starts = [line for line in journal.text().splitlines() if "configuration is refused" in line]
    assert 1 <= len(starts) <= 5, starts
    path.write_text(good)
    # What the socket unit's comment says.
    systemctl("reset-failed", UNIT, SOCKET)
    systemctl("restart", SOCKET, UNIT)
    assert answers().startswith("HTTP/1.1 404")
    systemctl("stop", SOCKET)
    systemctl("restart", UNIT)


def cursors():
    """Where each stream goes on, by its name; without what moves while nothing happens."""
    rows = json.loads(run(f"/usr/bin/{NAME}", "cursors", "--json").stdout)
    return {(row["connector"], row["stream"]): row["cursor"] for row in rows}


def test_upgrade():
    """an update keeps configuration, cursors and data, and restarts what ran"""
    settings = CONFIG / "connectord.json5"
    settings.write_text(settings.read_text().replace('// log_level: "info",', 'log_level: "debug",'))
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    before = {path: path.read_bytes() for path in CONFIG.rglob("*") if path.is_file()}
    pid, journal, delivered = running_pid(), Journal(), lines("demo", "charges")
    kept = cursors()
    install(NEW)
    assert is_active() and main_pid() != pid, "the daemon was not restarted"
    assert systemctl("is-enabled", UNIT).stdout.strip() == "enabled"
    assert {path: path.read_bytes() for path in CONFIG.rglob("*") if path.is_file()} == before
    assert lines("demo", "charges")[:len(delivered)] == delivered
    journal.says("runs 2 connectors")
    now = cursors()
    assert kept and kept.keys() == now.keys() and all(map(bool, kept.values())), kept
    # A day's work has only begun: what moved, moved on.
    assert all(str(now[stream]) >= str(kept[stream]) for stream in kept), (kept, now)
    mutate(PAYMENT, "charges", create=11)
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    for stream in DEMO_STREAMS:
        assert_nothing_twice("demo", stream)


def test_downtime_upgrade():
    """an update of a stopped daemon does not start it"""
    systemctl("stop", UNIT)
    install(NEW)
    assert show("ActiveState") == "inactive"
    systemctl("start", UNIT)


def test_stop():
    """stop in the middle of a sync loses nothing"""
    for round in range(3):
        mutate(PAYMENT, "charges", create=300, update=30)
        mutate(ERP, "Orders", create=100, update=10)
        time.sleep(0.7 * round)
        journal = Journal()
        systemctl("stop", UNIT)
        assert (show("ActiveState"), show("Result"), show("ExecMainStatus")) == ("inactive", "success", "0")
        assert "every acknowledged record is durable" in journal.text(), journal.text()
        lines("demo", "charges")
        systemctl("start", UNIT)
    await_in_step("demo", PAYMENT, DEMO_STREAMS)
    await_in_step("erp", ERP, ERP_STREAMS)
    for connector, streams in [("demo", DEMO_STREAMS), ("erp", ERP_STREAMS)]:
        for stream in streams:
            assert_nothing_twice(connector, stream)


def test_remove():
    """removing stops the daemon, and keeps configuration and data"""
    run("dpkg", "-r", NAME)
    assert show("ActiveState") == "inactive"
    assert (CONFIG / "connectors.d" / "demo.json5").exists() and lines("demo", "charges")
    assert not pathlib.Path(f"/usr/bin/{NAME}").exists()


def test_purge():
    """purging leaves nothing but the user and the journal"""
    run("dpkg", "-P", NAME)
    found = run(
        "find", "/", "-xdev", "(", "-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/lab", ")", "-prune",
        "-o", "-name", f"*{NAME}*", "-print", expect=None,
    ).stdout.split()
    assert not found, found
    assert UNIT not in systemctl("list-units", "--all", "--no-legend").stdout
    assert UNIT not in systemctl("list-unit-files", "--no-legend").stdout


if __name__ == "__main__":
    c.main([
        test_install, test_folders, test_fresh_check, test_start, test_records, test_journal,
        test_catalog, test_commands,
        test_sandbox_of_the_process, test_secrets_stay_secret, test_good_reload, test_bad_reload,
        test_one_bad_file_at_the_start, test_watchdog, test_kill, test_socket, test_bad_configuration,
        test_bad_configuration_behind_the_socket, test_upgrade, test_downtime_upgrade, test_stop, test_remove, test_purge,
    ])
