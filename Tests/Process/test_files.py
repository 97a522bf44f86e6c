#!/usr/bin/env python3
"""Files of others where ours belong: links, named pipes, devices, and names that no file of ours has."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Sandbox, http as ask, main

# A named pipe holds up whoever opens it until somebody writes.
SOON = 20
# Keys of one file, each unknown: to look each up among the others took a hundred times as long.
MANY = 90_000


def books(sandbox, home):
    home.connector("pay", apis.stripe(sandbox, ["charges"]))


def charge(sandbox):
    headers = {"Authorization": f"Bearer {Sandbox.KEY}", "Content-Type": "application/x-www-form-urlencoded"}
    status, text = ask("POST", f"{sandbox.payment}/v1/charges", "amount=100&currency=eur", headers)
    assert status == 200, (status, text)


def numbers_beyond_ours():
    """A file whose number is the largest there is, or one more than any of ours: the stream goes on, or says what to do."""
    with Sandbox("--charges", "25") as sandbox, Home() as home:
        books(sandbox, home)
        folder = home.state / "data/pay/charges"
        folder.mkdir(parents=True)
        home.state.chmod(0o700)
        for name in ["9223372036854775807.jsonl", "99999999999999999999.jsonl", "-1.jsonl", "٣.jsonl"]:
            (folder / name).write_text("theirs\n")
        home.sync("pay", seconds=SOON)
        assert (folder / "00000001.jsonl").exists() and len(list(folder.glob("*.jsonl"))) == 5, list(folder.iterdir())
    with Sandbox("--charges", "25") as sandbox, Home() as home:
        books(sandbox, home)
        folder = home.state / "data/pay/charges"
        folder.mkdir(parents=True)
        home.state.chmod(0o700)
        (folder / "999999999.jsonl").write_text("theirs\n")
        failed = home.sync("pay", expect=74, seconds=SOON)["charges"]["error"]
        assert "999999999" in failed and "move it away" in failed, failed
        assert (folder / "999999999.jsonl").read_text() == "theirs\n"


def links_and_pipes_in_the_data_directory():
    """A link, a pipe or a device where a file or folder of ours belongs is named; nothing behind it is written."""
    def tried(place, make):
        with Sandbox("--charges", "25") as sandbox, Home() as home:
            books(sandbox, home)
            home.sync("pay")
            theirs = home.root / "theirs"
            theirs.mkdir()
            (theirs / "file").write_text("theirs\n")
            path = home.state / "data" / place
            path.rename(home.root / "ours")
            make(path, theirs)
            charge(sandbox)
            failed = home.sync("pay", expect=74, seconds=SOON)["charges"]["error"]
            assert "symbolic link" in failed or "regular file" in failed, failed
            assert str(path) in failed, failed
            assert [p.name for p in theirs.iterdir()] == ["file"] and (theirs / "file").read_text() == "theirs\n"

    file = "pay/charges/00000001.jsonl"
    tried(file, lambda path, theirs: path.symlink_to(theirs / "file"))
    tried(file, lambda path, theirs: os.mkfifo(path))
    tried("pay/charges", lambda path, theirs: path.symlink_to(theirs))
    tried("pay", lambda path, theirs: path.symlink_to(theirs))


def pipes_in_the_configuration():
    """A pipe or a folder where a file of the configuration belongs: check and reload say so, and soon."""
    for name in ["connectord.json5", "connectors.d/other.json5"]:
        for make in [os.mkfifo, os.mkdir]:
            with Sandbox("--charges", "5") as sandbox, Home() as home:
                books(sandbox, home)
                with home.daemon():
                    make(home.config / name)
                    checked = home.run("check", expect=78, seconds=SOON)
                    assert "regular file" in checked.stdout, checked.stdout
                    home.run("reload", expect=None, seconds=SOON)
                    assert home.run("status", "--json", seconds=SOON).stdout


def somebody_elses_state():
    """A state directory in which everybody may write is refused, and left as it is."""
    with Sandbox("--charges", "5") as sandbox, Home() as home:
        books(sandbox, home)
        theirs = home.root / "theirs"
        theirs.mkdir(mode=0o700)
        theirs.chmod(0o777)
        home.state.symlink_to(theirs)
        failed = home.run("sync", "pay", expect=None, seconds=SOON)
        assert failed.returncode != 0 and "everybody may write" in failed.stderr, failed.stderr
        assert not list(theirs.iterdir()), list(theirs.iterdir())


def many_mistakes():
    """A file with ninety thousand unknown keys is read as soon as any."""
    with Home() as home:
        keys = ",".join(f"k{n}:1" for n in range(MANY))
        home.connector("a", '{kind:"erp",base_url:"https://127.0.0.1",auth_type:"none",streams:{},' + keys + "}")
        checked = home.run("check", expect=78, seconds=60)
        assert "and 8" in checked.stdout and "more" in checked.stdout, checked.stdout[-300:]


if __name__ == "__main__":
    main([
        numbers_beyond_ours, links_and_pipes_in_the_data_directory, pipes_in_the_configuration, somebody_elses_state,
        many_mistakes,
    ])
