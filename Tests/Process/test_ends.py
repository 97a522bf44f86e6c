#!/usr/bin/env python3
"""Ends of lists: what servers write where their documentation says `has_more: false`, and what they answer behind the
last page. The whole list and exit 0, or a failure that names the key; never success with fewer records.
"""
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main
from sources import BASE, Source, Table, Trial, rows, stamp, stream

# 179 records end with a short page, 200 with a full one.
CHANGED = stamp(90_000)


def more(value):
    """`has_more` of each page by a function of whether there is another one, and the page."""
    return lambda page: {"has_more": value(page.goes_on, page)}


def without_on_page_two(page):
    return {} if page.number == 2 else {"has_more": page.goes_on}


# Each: what the server adds to a page, and what the definition says beside the style.
FORMS = {
    "true and false": (more(lambda on, page: on), {"more": "has_more"}),
    'as "true" and "false"': (more(lambda on, page: "true" if on else "false"), {"more": "has_more"}),
    'as "True" and "False"': (more(lambda on, page: "True" if on else "False"), {"more": "has_more"}),
    "as 1 and 0": (more(lambda on, page: 1 if on else 0), {"more": "has_more"}),
    'as "1" and "0"': (more(lambda on, page: "1" if on else "0"), {"more": "has_more"}),
    'as "Y" and "N"': (more(lambda on, page: "Y" if on else "N"), {"more": "has_more"}),
    "a URL, and null": (more(lambda on, page: f"/list?page={page.number + 1}" if on else None), {"more": "has_more"}),
    'a URL, and ""': (more(lambda on, page: f"/list?page={page.number + 1}" if on else ""), {"more": "has_more"}),
    "how many are left": (more(lambda on, page: max(0, len(page.found) - page.begin - page.size)), {"more": "has_more"}),
    "an object": (more(lambda on, page: {"after": page.number} if on else {}), {"more": "has_more"}),
    "missing on page 2": (without_on_page_two, {"more": "has_more"}),
    "null on page 2": (more(lambda on, page: None if page.number == 2 else on), {"more": "has_more"}),
    "only where there is more": (lambda page: {"has_more": True} if page.goes_on else {}, {"more": "has_more"}),
    "false on page 2": (more(lambda on, page: on and page.number != 2), {"more": "has_more"}),
    "never true": (more(lambda on, page: False), {"more": "has_more"}),
    "never false": (more(lambda on, page: True), {"more": "has_more"}),
    "misspelt": (more(lambda on, page: on), {"more": "hasMore"}),
    "inverted": (lambda page: {"last": not page.goes_on}, {"more": "last"}),
    "a count that is a page's": (lambda page: {"count": len(page.rows)}, {}),
    "a total that nobody declared": (lambda page: {"total": len(page.found), "pages": page.count}, {}),
    "a total that counts all there ever were": (lambda page: {"total": 10_000, "pages": 400}, {}),
}


def said(table, style, count, order):
    def tried(envelope, keys):
        source = Source(rows(count), style, envelope=envelope)
        with Trial(source, stream(style, order, **keys)) as trial:
            trial.whole_or_refused()
            source.change(3, updated=CHANGED, text="changed")
            trial.whole_or_refused()
            assert not trial.deleted, f"{len(trial.deleted)} are called deleted"

    for name, (envelope, keys) in FORMS.items():
        table.case(f"{style}, {count} records, cursor {order}: {name}", tried, envelope, keys)


def said_by_pages():
    """Twenty-one forms of `more`, by numbered pages and by offset: the whole list, or a failure that names the key."""
    table = Table()
    said(table, "page", 179, None)
    said(table, "offset", 200, None)
    table.end()


def said_by_pages_with_a_cursor():
    """The same where a cursor asks for what is new."""
    table = Table()
    said(table, "page", 200, "ascending")
    said(table, "offset", 179, "descending")
    table.end()


def said_beside_links_and_tokens():
    """`more` beside next links and tokens: where the two contradict each other, what promises more wins."""
    table = Table()
    said(table, "link", 179, "ascending")
    said(table, "token", 179, None)
    said(table, "link_header", 200, None)
    table.end()


def ends_of_links_and_tokens():
    """A last page whose next link or token is null, empty, blank, false, an empty object or itself: the whole list."""
    def tried(style, count, value):
        envelope = (lambda page: {} if page.goes_on else {"next": value})
        with Trial(Source(rows(count), style, envelope=envelope), stream(style, None)) as trial:
            trial.whole_or_refused()
            trial.whole_or_refused()
            assert not trial.deleted

    table = Table()
    ends = {"null": None, "empty": "", "false": False, "an empty object": {}, "blank": " "}
    for style, count in [("link", 179), ("link", 200), ("token", 200)]:
        for name, value in ends.items():
            table.case(f"{style}, {count} records: {name}", tried, style, count, value)
    table.end()


def capped_pages():
    """A server that hands out 50 where 100 are asked for: a short page is no end there, whatever is declared."""
    def tried(style, short, order, count):
        source = Source(rows(count), style, cap=50, reverse=order == "descending")
        with Trial(source, stream(style, order, size=100, short_page=short)) as trial:
            trial.whole_or_refused()
            source.change(3, updated=CHANGED, text="changed")
            trial.whole_or_refused()
            assert not trial.deleted

    table = Table()
    for style in ["page", "offset"]:
        for order in [None, "ascending", "descending"]:
            for count in [179, 200]:
                table.case(f"{style}, {count} records, cursor {order}", tried, style, "end", order, count)
            table.case(f"{style}, continue, cursor {order}", tried, style, "continue", order, 179)
    table.end()


def pages_filtered_after_they_were_cut():
    """A page in the middle with fewer records than the others, since some are hidden from this user: no end."""
    def tried(style, order, short):
        def hide(page):
            return {"rows": [r for r in page.rows if not 60 <= r["id"] < 70]}
        with Trial(Source(rows(250), style, envelope=hide), stream(style, order, short_page=short)) as trial:
            for _ in range(3):
                run = trial.sync()
            missing = [key for key in trial.missing() if not 60 <= key < 70]
            assert run.code != 0 or not missing, f"{len(missing)} of 250 are missing, and the run succeeded"
            assert run.code == 0 or run.names_a_key, run

    table = Table()
    for order in [None, "ascending"]:
        for short in ["end", "continue"]:
            # By offset, such a server can't be read from outside: the next offset is not what came.
            table.case(f"page, cursor {order}, {short}", tried, "page", order, short)
    table.end()


def first_page_zero():
    """Pages counted from 1 and declared from 0: nothing is skipped. (The other way round, only totals would tell.)"""
    def tried(served, declared):
        source = Source(rows(179), "page", first=served)
        begin = source.begin
        # Page 0 of a server that counts from 1 is its first one.
        source.begin = lambda *words: max(0, begin(*words))
        with Trial(source, stream("page", None, first=declared)) as trial:
            trial.whole_or_refused()

    table = Table()
    for served, declared in [(0, 0), (1, 0), (1, 1)]:
        table.case(f"served {served}, declared {declared}", tried, served, declared)
    table.end()


BEHIND = {
    "an empty list": None,
    "404": lambda page: (404, {"error": "no such page"}),
    "404 without a body": lambda page: (404, b""),
    "416": lambda page: (416, {"error": "out of range"}),
    "the last page again": lambda page: (200, {"rows": page.found[-(len(page.found) % 50 or 50):]}),
    "the first page again": lambda page: (200, {"rows": page.found[:50]}),
    "null": lambda page: (200, {"rows": None}),
    "a bare null": lambda page: (200, b"null"),
    "{}": lambda page: (200, {}),
    "[]": lambda page: (200, []),
    "204": lambda page: (204, b""),
    "an empty body": lambda page: (200, b""),
}


def behind(style, order, counts):
    """Servers that count pages answer so behind a short page and behind a full one alike."""
    def tried(past, count):
        source = Source(rows(count), style, past=past, reverse=order == "descending")
        with Trial(source, stream(style, order)) as trial:
            trial.whole()
            trial.whole()
            source.change(3, updated=CHANGED, text="changed")
            trial.whole()
            assert not trial.deleted, f"{len(trial.deleted)} are called deleted"
            assert not trial.repeated(), f"{len(trial.repeated())} lines repeat what was delivered"

    table = Table()
    for name, past in BEHIND.items():
        for count in counts:
            table.case(f"{style}, {count} records, cursor {order}: {name}", tried, past, count)
    table.end()


def behind_numbered_pages():
    """Behind the last numbered page: 404, 416, an old page again, null, {}, 204, nothing: the whole list, exit 0."""
    behind("page", None, [179, 200, 50])


def behind_offsets():
    """The same by offset."""
    behind("offset", None, [179, 200])


def behind_pages_with_a_cursor():
    """The same where a cursor asks for what is new, page by page."""
    behind("page", "ascending", [179, 200])


def behind_offsets_with_a_cursor():
    """The same where a cursor asks for what is new, newest first by offset."""
    behind("offset", "descending", [179, 200])


def the_rest_is_away_during_one_run():
    """During a whole run the list ends behind a full page in its middle, as with a shard that is away: the cursor waits
    for a later run, and what was behind comes then, once."""
    def tried(style, order, cursor=None, spacing=60, later=rows(60, first=600)):
        source = Source(rows(522, spacing), style, reverse=order == "descending")
        found = source.found
        source.found = lambda query: found(query)[:250]
        with Trial(source, stream(style, order, cursor=cursor)) as trial:
            trial.sync()
            source.records += later
            source.found = found
            trial.sync()
            trial.whole()
            assert not trial.repeated(), f"{len(trial.repeated())} lines repeat what was delivered"

    table = Table()
    for style in ["page", "offset", "link", "token", "after_last"]:
        for order in ["none", "descending", "ascending"]:
            table.case(f"{style}, cursor {order}", tried, style, order)
    # Only ties are remembered.
    bounds = {"upper": {"until": "${until}"}}
    table.case("after_last, both bounds", tried, "after_last", "descending", bounds)
    # The first one of 360 records; those behind the last record's are passed by the time.
    windows = bounds | {"start": stamp(0), "window": "90d"}
    just_now = int((datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - BASE).total_seconds()) - 120
    later = rows(60, 1, first=just_now)
    table.case("after_last, windows", tried, "after_last", "descending", windows, 6 * 3_600, later)
    table.end()


def positions_are_ignored_beside_a_filter():
    """The page's number counts for the whole list, and is ignored where a filter stands beside it: never success with
    fewer records."""
    def tried(style, order):
        source = Source(rows(175), style, reverse=order == "descending")
        begin = source.begin
        source.begin = lambda found, query, size: 0 if "since" in query else begin(found, query, size)
        with Trial(source, stream(style, order)) as trial:
            trial.sync()
            trial.whole()
            source.records += rows(170, first=300)
            for _ in range(3):
                trial.whole_or_refused()

    table = Table()
    for style in ["page", "offset"]:
        for order in ["none", "descending", "ascending"]:
            table.case(f"{style}, cursor {order}", tried, style, order)
    table.end()


if __name__ == "__main__":
    main([
        said_by_pages, said_by_pages_with_a_cursor, said_beside_links_and_tokens, ends_of_links_and_tokens,
        capped_pages, pages_filtered_after_they_were_cut, first_page_zero, behind_numbered_pages, behind_offsets,
        behind_pages_with_a_cursor, behind_offsets_with_a_cursor, the_rest_is_away_during_one_run,
        positions_are_ignored_beside_a_filter,
    ])
