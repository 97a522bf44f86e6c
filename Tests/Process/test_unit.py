#!/usr/bin/env python3
"""The systemd unit: systemd understands all of it, and it stays as closed as it is."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import connectord as c

UNIT = c.ROOT / "systemd" / "aitbc-connectord.service"
# Tenths of systemd's exposure level, 0 to 100.
MOST_EXPOSURE = 12


def analyze(*words):
    program = shutil.which("systemd-analyze")
    if not program:
        raise c.Skip("systemd-analyze is not installed")
    return subprocess.run([program, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=c.PATIENCE)


def test_exposure():
    """the unit's exposure stays at or below 1.2"""
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager", str(UNIT))
    level = done.stdout.strip().splitlines()[-1:]
    assert done.returncode == 0, (level, done.stderr)


def test_verify():
    """systemd finds no mistake in the unit"""
    with tempfile.TemporaryDirectory(prefix="connectord-test-") as folder:
        # The program of the package is not installed here: the built one stands in for it.
        copy = pathlib.Path(folder) / UNIT.name
        copy.write_text(UNIT.read_text().replace("/usr/bin/aitbc-connectord", c.CONNECTORD))
        done = analyze("verify", "--man=no", str(copy))
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line]
    assert done.returncode == 0 and not complaints, (done.returncode, done.stdout, done.stderr)


def test_contract():
    """the unit says what the daemon relies on"""
    text = UNIT.read_text()
    for line in [
        "Type=notify", "Restart=on-failure", "RestartPreventExitStatus=78", "StateDirectory=aitbc-connectord",
        "RuntimeDirectory=aitbc-connectord", "User=aitbc-connectord", "NoNewPrivileges=yes", "ProtectSystem=strict",
    ]:
        assert line in text.splitlines(), f"{line} is missing"
    assert not re.search(r"^ExecStartPre=(?!-)", text, re.M), "one bad connector must not stop the start"
    assert "ExecReload=/usr/bin/aitbc-connectord reload" in text.splitlines(), "a reload that fails must say so"
    assert re.search(r"^WatchdogSec=\S+", text, re.M), "WatchdogSec is missing"
    assert not re.search(r"^SetCredential=", text, re.M), "secrets do not belong into a unit"


def test_catalog():
    """the journal takes the catalog, every entry of it"""
    program = shutil.which("journalctl")
    if not program:
        raise c.Skip("journalctl is not installed")
    source = c.ROOT / "systemd" / "aitbc-connectord.catalog"
    with tempfile.TemporaryDirectory(prefix="connectord-test-") as folder:
        for name in ["usr/lib/systemd/catalog", "var/lib/systemd/catalog"]:
            (pathlib.Path(folder) / name).mkdir(parents=True)
        shutil.copy(source, pathlib.Path(folder) / "usr/lib/systemd/catalog")
        subprocess.run([program, f"--root={folder}", "--update-catalog"], check=True, stdin=subprocess.DEVNULL)
        listed = subprocess.run(
            [program, f"--root={folder}", "--dump-catalog"], check=True, stdin=subprocess.DEVNULL,
            capture_output=True, text=True).stdout
    ids = re.findall(r"^-- (\w+)$", source.read_text(), re.M)
    assert ids and sorted(re.findall(r"^-- (\w+)$", listed, re.M)) == sorted(ids), listed[:2000]


if __name__ == "__main__":
    c.main([test_exposure, test_verify, test_contract, test_catalog])
