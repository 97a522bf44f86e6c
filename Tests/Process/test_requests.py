#!/usr/bin/env python3
"""Requests, counted by the server: what a first sync, an idle one, and one after a bulk import cost at the least, and
what they cost here. `--table` prints the table of the reference.
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main
from sources import Source, Table, Trial, by_id, rows, stamp, stream

COUNT = 475
PAGES = 10
# Name: source's options, stream, whether the list can shift while it is read, what idle costs at the least.
# What shifts is read until it stands still. An order has to be proven by a whole reading before the next page is asked
# for by the value reached, and where records come in no order no clock tells which of them were written meanwhile.
# Least: a list with a filter for what is new is asked once; one without is read whole.
WAYS = {
    "none": ({"style": "none"}, stream("none", None), False, 1),
    "none, ascending": ({"style": "none"}, stream("none"), False, 1),
    "after_last by id": ({"style": "after_last", "rank": by_id}, stream("after_last", None), False, PAGES),
    "after_last by id, none": ({"style": "after_last", "rank": by_id}, stream("after_last", "none"), True, 1),
    "after_last by id, ascending": ({"style": "after_last"}, stream("after_last"), True, 1),
    "token, keyset, ascending": ({"style": "token", "keyset": True}, stream("token"), True, 1),
    "link, keyset, ascending": ({"style": "link", "keyset": True}, stream("link"), True, 1),
    "link, keyset, descending": ({"style": "link", "keyset": True, "reverse": True}, stream("link", "descending"), True, 1),
    "link, anchored on the cursor": ({"style": "link"}, stream("link", anchor="cursor"), True, 1),
    "link": ({"style": "link"}, stream("link", None), True, PAGES),
    "link, none": ({"style": "link"}, stream("link", "none"), True, 1),
    "link_header": ({"style": "link_header"}, stream("link_header", None), True, PAGES),
    "token": ({"style": "token"}, stream("token", None), True, PAGES),
    "token, none": ({"style": "token"}, stream("token", "none"), True, 1),
    "token, descending": ({"style": "token", "reverse": True}, stream("token", "descending"), True, 1),
    "page": ({"style": "page"}, stream("page", None), True, PAGES),
    "page, ascending": ({"style": "page"}, stream("page"), True, 1),
    "page, descending": ({"style": "page", "reverse": True}, stream("page", "descending"), True, 1),
    "page, none": ({"style": "page"}, stream("page", "none"), True, 1),
    "offset": ({"style": "offset"}, stream("offset", None), True, PAGES),
    "offset, ascending": ({"style": "offset"}, stream("offset"), True, 1),
    "offset, descending": ({"style": "offset", "reverse": True}, stream("offset", "descending"), True, 1),
}
# Where nothing but an empty page tells the end, a list whose last page is full needs one more.
EMPTY_PAGE = {"page", "offset", "after_last"}


def counted(name):
    """First sync, and the idle one after a quiet time: requests, and the least possible."""
    source, definition, shifts, least = WAYS[name]
    source = Source(rows(COUNT), **source)
    with Trial(source, definition) as trial:
        first = trial.whole().requests
        trial.sync(expect=0)
        idle = trial.sync(expect=0).requests
        assert len(trial.lines) == COUNT, len(trial.lines)
    ends = source.style in EMPTY_PAGE
    # Pages, the closing query; where lists may shift, a second reading.
    return first, PAGES + ends + 1, shifts, idle, least + (ends and least > 1)


def first_sync_and_idle_sync():
    """A list that can't shift is read once, and closed by one query; an idle sync costs at most one request more than
    it must."""
    def tried(name):
        first, once, shifts, idle, least = counted(name)
        assert idle <= least + 1, f"an idle sync took {idle} requests, {least} are the least"
        most = once if not shifts else 2 * once
        assert first <= most, f"a first sync took {first} requests, {most} at the most"

    table = Table()
    for name in WAYS:
        table.case(name, tried, name)
    table.end()


def after_a_bulk_import():
    """900 records of one timestamp: once `lookback` has passed, an idle run asks from the cursor itself, and stays."""
    def tried(style, order, keyset):
        records = rows(100) + [{"id": 1000 + n, "updated": stamp(90_000), "text": "imported"} for n in range(900)]
        records += [{"id": 5000 + n, "updated": stamp(90_001), "text": "since"} for n in range(3)]
        source = Source(records, style, keyset=keyset, reverse=order == "descending")
        with Trial(source, stream(style, order, cursor={"lookback": "2s"})) as trial:
            trial.whole()
            reaching = trial.sync(expect=0).requests
            # What is waited for is a duration of our own clock.
            time.sleep(2.1)
            trial.sync(expect=0)
            idle = trial.sync(expect=0).requests
            assert idle <= 3, f"an idle run took {idle} requests after {reaching}"
            # What comes late, within the reach that is final, is out of reach; what is new arrives.
            source.records.append({"id": 9000, "updated": stamp(90_001), "text": "a tie"})
            source.records.append({"id": 9001, "updated": stamp(90_002), "text": "new"})
            trial.whole()
            assert not trial.repeated()

    table = Table()
    for style, order, keyset in [
        ("page", "ascending", False), ("offset", "ascending", False), ("link", "ascending", True),
        ("token", "ascending", True), ("link", "descending", True), ("none", "ascending", False),
    ]:
        table.case(f"{style}, {order}", tried, style, order, keyset)
    table.end()


def reaches_back_until_then():
    """Before `lookback` has passed since the cursor's value came here, a record that is committed late still arrives."""
    def tried(style, order):
        source = Source(rows(100), style, reverse=order == "descending")
        with Trial(source, stream(style, order, cursor={"lookback": "10m"})) as trial:
            trial.whole()
            trial.sync(expect=0)
            for number in range(3):
                source.records.append({"id": 900 + number, "updated": stamp(99 * 60 - 300 - number), "text": "late"})
                trial.whole()
            assert not trial.repeated()

    table = Table()
    for style, order in [("page", "ascending"), ("link", "descending"), ("token", "ascending"), ("offset", "none")]:
        table.case(f"{style}, {order}", tried, style, order)
    table.end()


def table_of_the_reference():
    print("| Paging | First sync | Least possible | Idle sync | Least possible |")
    print("|---|---|---|---|---|")
    for name in WAYS:
        first, once, shifts, idle, least = counted(name)
        print(f"| {name} | {first} | {once}{' (may shift: read twice)' if shifts else ''} | {idle} | {least} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        table_of_the_reference()
    else:
        main([first_sync_and_idle_sync, after_a_bulk_import, reaches_back_until_then])
