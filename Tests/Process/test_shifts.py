#!/usr/bin/env python3
"""Lists that change while they are read: whatever moves, comes or goes between two pages, nothing is lost."""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main
from sources import Source, Table, Trial, ascending, by_id, rows, stamp, stream

COUNT = 230
LATER = COUNT * 60 + 3600
STYLES = ["link", "link_header", "offset", "page", "token"]
ORDERS = [None, "none", "ascending", "descending"]


def moves(source, page):
    """A record that was read already changes, and stands elsewhere from now on."""
    record = source.found({})[10 * page]
    record.update(updated=stamp(LATER + page), text="changed", moved=True)


def moves_back(source, page):
    """A record that was not yet read changes, and stands where the reader was already."""
    record = source.found({})[-10 * page]
    record.update(updated=stamp(LATER + page), text="changed", moved=True)


def goes(source, page):
    """A record that was read already is deleted: all behind it move up."""
    source.delete(source.found({})[10 * page]["id"])


def several_go(source, page):
    for _ in range(60):
        source.delete(source.found({})[0]["id"])


def comes(source, page):
    source.records.append({"id": 1000 + page, "updated": stamp(LATER + page), "text": "new"})


CHANGES = {"moves": moves, "moves back": moves_back, "goes": goes, "several go": several_go, "comes": comes}


def standing(order, filters=True):
    """The server's order. Without a declared one, a changed record stands first, as in a table that is rewritten."""
    if order in ("ascending", "descending"):
        return {"rank": ascending, "reverse": order == "descending"}
    places = random.Random(5).sample(range(COUNT), COUNT)
    return {"rank": lambda r: ("moved" not in r, places[r["id"]] if r["id"] < COUNT else r["id"])}


def shifted(styles, orders, changes=CHANGES, at=(1,), **cursor):
    def tried(style, order, change, at):
        source = Source(rows(COUNT), style, **standing(order))

        def before(number, query):
            # Between two pages: the one before was answered, this one is not yet made.
            if number - 1 in at:
                change(source, number - 1)
        source.before = before
        with Trial(source, stream(style, order, cursor=cursor)) as trial:
            trial.whole()
            trial.whole()
            assert not trial.repeated(), f"{len(trial.repeated())} lines repeat what was delivered"

    table = Table()
    for style in styles:
        for order in orders:
            for name, change in changes.items():
                for after in at:
                    table.case(
                        f"{style}, order {order}, {name} after page {after}", tried, style, order, change, {after},
                    )
    table.end()


def links():
    """Next links that count records: a change, a deletion or a new record between two pages loses nothing."""
    shifted(["link", "link_header"], ORDERS)


def tokens():
    """Tokens that are positions in disguise: the same."""
    shifted(["token"], ORDERS)


def offsets():
    """Offsets: the same."""
    shifted(["offset"], ORDERS)


def numbers():
    """Numbered pages: the same."""
    shifted(["page"], ORDERS)


def in_the_middle():
    """The same between other pages, and between the last two."""
    shifted(["link", "token", "page"], ["none", "descending"], {"goes": goes, "moves": moves}, at=[2, 3, 4])


def again_and_again():
    """A change between each two pages of the first walk: nothing is lost either."""
    def tried(style, order, change):
        source = Source(rows(COUNT), style, **standing(order))

        def before(number, query):
            if 1 < number < 6:
                change(source, number - 1)
        source.before = before
        with Trial(source, stream(style, order)) as trial:
            trial.whole()
    table = Table()
    for style in STYLES:
        for order in ORDERS:
            for name in ["moves", "goes"]:
                table.case(f"{style}, order {order}, {name}", tried, style, order, CHANGES[name])
    table.end()


def on_a_later_run():
    """The same while a later run reads what is new: a list of many changes shifts as well."""
    def tried(style, order, change):
        source = Source(rows(COUNT), style, **standing(order))
        with Trial(source, stream(style, order)) as trial:
            trial.whole()
            for number in range(120):
                source.change(number, updated=stamp(LATER - 600 + number), text="changed")
            began = len(source.asked)

            def before(number, query):
                if number - 1 == began + 1:
                    change(source, 1)
            source.before = before
            trial.whole()
            source.before = None
            trial.whole()

    table = Table()
    for style in ["link", "offset", "page", "token"]:
        for order in ORDERS:
            for name in ["moves", "goes"]:
                table.case(f"{style}, order {order}, {name}", tried, style, order, CHANGES[name])
    table.end()


def keysets_do_not_shift():
    """Keysets go on behind a record: changes between two pages cost no second reading, and lose nothing."""
    def tried(style, order, change):
        keyset = style != "after_last"
        rank = by_id if style == "after_last" else ascending
        source = Source(rows(COUNT), style, rank=rank, reverse=order == "descending", keyset=keyset)

        def before(number, query):
            if number == 2:
                change(source, 1)
        source.before = before
        with Trial(source, stream(style, order)) as trial:
            trial.whole()
            trial.whole()

    table = Table()
    for style, order in [
        ("after_last", None), ("after_last", "none"), ("link", "ascending"), ("link", "descending"),
        ("token", "ascending"), ("token", "descending"),
    ]:
        for name, change in CHANGES.items():
            table.case(f"{style}, order {order}, {name}", tried, style, order, change)
    table.end()


def in_the_middle_once(name, instead, styles, orders):
    """One wrong answer in the middle of the list: success means that everything is there."""
    def tried(style, order, at):
        source = Source(rows(COUNT), style, reverse=order == "descending")
        done = []

        def before(number, query):
            if number == at and not done:
                done.append(number)
                return instead(source, query)
        source.before = before
        with Trial(source, stream(style, order)) as trial:
            for _ in range(2):
                run = trial.sync()
                missing = trial.missing()
                assert run.code != 0 or not missing, f"{len(missing)} of {COUNT} are missing, and the run succeeded"
            assert done, "the answer was never given"
            trial.whole()
            # A reading that lacked the middle calls nothing deleted.
            assert not trial.deleted, f"{len(trial.deleted)} are called deleted"

    table = Table()
    for style in styles:
        for order in orders:
            for at in [2, 3]:
                table.case(f"{name}, {style}, order {order}, request {at}", tried, style, order, at)
    table.end()


def an_empty(source, query):
    return 200, {"rows": []}


def a_repeated(source, query):
    page = source.pages[-1]
    return 200, {"rows": page.rows, **({"next": page.position if source.style == "token" else page.link}
                                       if source.style in ("link", "token") else {})}


def a_404_in_the_middle():
    """A 404 in the middle of the list, once: never success with fewer records."""
    in_the_middle_once("404", lambda *_: (404, {"error": "not found"}), ["page", "offset", "link"], [None, "ascending"])


def a_416_in_the_middle():
    """A 416 in the middle of the list, once: the same."""
    in_the_middle_once("416", lambda *_: (416, {"error": "range"}), ["page", "offset"], [None, "descending"])


def an_empty_page_in_the_middle():
    """An empty page in the middle of the list, once: the same."""
    in_the_middle_once("empty", an_empty, ["page", "offset", "link", "token"], [None, "ascending", "descending"])


def nothing_in_the_middle():
    """204, {}, null or an empty body in the middle of the list, once: the same."""
    for name, answer in [("204", (204, b"")), ("{}", (200, {})), ("null", (200, {"rows": None})), ("empty", (200, b""))]:
        in_the_middle_once(name, lambda *_: answer, ["page", "offset"], [None])


def a_repeated_page_in_the_middle():
    """A page that comes twice in the middle of the list, once: the same."""
    in_the_middle_once("repeated", a_repeated, ["page", "offset", "link", "token"], [None, "ascending", "descending"])


def a_short_page_in_the_middle():
    """A page of half its records in the middle of the list, once, where `short_page` says that this is the end."""
    def tried(style, order):
        source = Source(rows(COUNT), style, reverse=order == "descending")
        cut = []

        def envelope(page):
            if page.number == 2 and not cut:
                cut.append(page)
                return {"rows": page.rows[:20]}
            return {}
        source.envelope = envelope
        with Trial(source, stream(style, order, short_page="end")) as trial:
            for _ in range(2):
                run = trial.sync()
                missing = trial.missing()
                assert run.code != 0 or not missing, f"{len(missing)} of {COUNT} are missing, and the run succeeded"
            assert not trial.deleted
    table = Table()
    for style in ["page", "offset"]:
        for order in [None, "ascending", "descending"]:
            table.case(f"{style}, order {order}", tried, style, order)
    table.end()


if __name__ == "__main__":
    main([
        links, tokens, offsets, numbers, in_the_middle, again_and_again, on_a_later_run, keysets_do_not_shift,
        a_404_in_the_middle, a_416_in_the_middle, an_empty_page_in_the_middle, nothing_in_the_middle,
        a_repeated_page_in_the_middle, a_short_page_in_the_middle,
    ])
