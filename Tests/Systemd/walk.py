#!/usr/bin/env python3
"""README's way from a bare Debian to a running service, as it is written: each command, and each line that it prints.

Numbers, times and run ids differ from day to day: digits are compared as `0`, and columns by their words.
"""
import json
import re
import shutil

from machine import *

TITLE = "## Installed in five minutes"
# Long enough for a person who reads along.
MOST_SECONDS = 300


def transcript():
    """The console blocks below the title: pairs of a command and the lines that it prints."""
    text = (HERE / "README.md").read_text().split(TITLE, 1)[1].split("\n## ", 1)[0]
    pairs = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("# "):
                pairs.append([line[2:], []])
            else:
                pairs[-1][1].append(line)
    assert len(pairs) >= 8, pairs
    return pairs


def plain(line):
    """What stays the same from day to day."""
    line = re.sub(r"[A-Z][a-z]{2} +\d+ [\d:]{8} [\w.-]+ ", "DATE HOST ", line)
    line = re.sub(r"\b(under )?\d+(\.\d+)? (ms|s)\b", "0 s", line)
    line = re.sub(r"\b(in|for|ago) (\d+ (min|s|h|d) ?)+", r"\1 0 ", line)
    line = re.sub(r"\d+ (s|min)( \d+ s)? ago", "0 ago", line)
    return re.sub(r"\s+", " ", re.sub(r"\d+", "0", line)).strip()


def all_idle():
    rows = json.loads(run(f"/usr/bin/{NAME}", "status", "--json").stdout)["streams"]
    return rows and all(row["state"] == "idle" for row in rows)


def test_walk():
    """every command of README's walk works, and prints what README says"""
    package = sorted(HERE.glob(f"{NAME}_*.deb"))[0]
    shutil.copy(package, f"/root/{NAME}.deb")
    start_sandbox("--charges", "500", "--customers", "250")
    began = time.monotonic()
    differences = []
    for command, expected in transcript():
        # What apt would do besides: there is no network here.
        runs = command.replace("apt install ./", "dpkg -i ")
        if "status" in command:
            c.wait_until(all_idle, "the first syncs", 60)
        done = run("bash", "-c", runs, expect=None, cwd="/root")
        printed = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        print(f"   # {command}\n" + "".join(f"   {line}\n" for line in printed), end="", flush=True)
        assert done.returncode == 0, (command, done.returncode, printed)
        if command.startswith("apt "):
            continue
        wanted = [plain(line) for line in expected if line.strip()]
        got = [plain(line) for line in printed]
        if got != wanted:
            differences.append((command, got, wanted))
    took = time.monotonic() - began
    print(f"   {took:.1f} s")
    assert not differences, differences
    assert took < MOST_SECONDS


if __name__ == "__main__":
    c.main([test_walk])
