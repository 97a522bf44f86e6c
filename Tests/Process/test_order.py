#!/usr/bin/env python3
"""Lists that come in another order than their definition declares: every record arrives, or the run says what to mend.

Measured on a server that nobody here wrote, before the daemon compared record by record: 94 of 522 records, exit 0.
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main
from sources import Source, Table, Trial, ascending, by_id, rows, stamp, stream

COUNT = 522
LATER = COUNT * 60 + 3600
STYLES = ["link", "page", "offset"]


def nearly(count):
    """As lists by id nearly ascend by time: one in ten was changed later, and stands where it always stood."""
    chance, places = random.Random(11), list(range(count))
    for index in chance.sample(range(count - 60), count // 10):
        other = index + chance.randrange(2, 60)
        places[index], places[other] = places[other], places[index]
    return places


# A server that ignores a misspelt `ordering`: any order, but always the same.
PLACES = {
    "shuffled": random.Random(7).sample(range(COUNT), COUNT),
    "reversed": list(range(COUNT))[::-1],
    "nearly sorted": nearly(COUNT),
}


def placed(way, order):
    """The server's order of the records, by a place that has little to do with their times."""
    places = PLACES[way] if order == "ascending" else [COUNT - 1 - place for place in PLACES[way]]
    return lambda record: (places[record["id"]] if record["id"] < COUNT else record["id"],)


def changed_and_new(trial):
    for number in range(5):
        trial.source.change(number * 100, updated=stamp(LATER + number), text="changed")
    trial.source.records.append({"id": COUNT, "updated": stamp(LATER + 3600), "text": "new"})


def against(order, filters, **cursor):
    """Nine ways to break a declared order."""
    def tried(style, way):
        source = Source(rows(COUNT), style, rank=placed(way, order), filters=filters)
        with Trial(source, stream(style, order, cursor=cursor)) as trial:
            trial.whole_or_refused()
            changed_and_new(trial)
            trial.whole_or_refused()

    table = Table()
    for style in STYLES:
        for way in PLACES:
            table.case(f"{style}, {way}", tried, style, way)
    table.end()


def declared_ascending():
    """522 records, declared ascending, shuffled, reversed or nearly sorted: all arrive by link, page and offset."""
    against("ascending", filters=True)


def declared_ascending_unfiltered():
    """The same on servers that also ignore the filter for what is new."""
    against("ascending", filters=False)


def declared_descending():
    """522 records, declared newest first, and not so: all arrive, or the run names the key."""
    against("descending", filters=True)


def declared_descending_with_an_upper_bound():
    """The same where a bound could cut what comes out of order."""
    against("descending", filters=True, upper={"until": "${until}"})


def out_of_order_within_one_page():
    """A list of one page that does not ascend is noticed too: what changes later arrives."""
    def tried(style):
        source = Source(rows(40), style, rank=lambda record: (-record["id"],))
        with Trial(source, stream(style)) as trial:
            trial.whole_or_refused()
            source.change(3, updated=stamp(90_000), text="changed")
            trial.whole_or_refused()

    table = Table()
    for style in [*STYLES, "none"]:
        table.case(style, tried, style)
    table.end()


def keysets_that_ignore_the_order():
    """Keysets by id, declared as ascending by time: a change keeps its old place, and arrives."""
    def tried(style, way):
        records = rows(COUNT)
        for record in records:
            record["updated"] = stamp(PLACES[way][record["id"]] * 60)
        source = Source(records, style, rank=by_id, keyset=style != "after_last")
        with Trial(source, stream(style)) as trial:
            trial.whole_or_refused()
            source.change(17, updated=stamp(LATER), text="changed")
            trial.whole_or_refused()

    table = Table()
    for style in ["after_last", "token", "link"]:
        for way in PLACES:
            table.case(f"{style}, {way}", tried, style, way)
    table.end()


def as_declared():
    """Lists that keep their order arrive by one run, in every style, and nothing is said against them."""
    def tried(style, order):
        source = Source(rows(COUNT), style, rank=ascending, reverse=order == "descending")
        with Trial(source, stream(style, order)) as trial:
            run = trial.whole()
            assert "order" not in run.words, run.words
            changed_and_new(trial)
            run = trial.whole()
            assert "order" not in run.words, run.words
            assert not trial.repeated(), trial.repeated()

    table = Table()
    for style in [*STYLES, "token", "link_header", "none"]:
        for order in ["ascending", "descending"]:
            table.case(f"{style}, {order}", tried, style, order)
    table.end()


if __name__ == "__main__":
    main([
        declared_ascending, declared_ascending_unfiltered, declared_descending,
        declared_descending_with_an_upper_bound, out_of_order_within_one_page, keysets_that_ignore_the_order,
        as_declared,
    ])
