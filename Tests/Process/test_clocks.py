#!/usr/bin/env python3
"""Clocks that jump: the source's, ours, or both together. What is written after they are right again arrives."""
import datetime
import email.utils
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import main, Skip
from sources import Source, Table, Trial, ascending, stream

DAY = 86_400
# Every clock that a program may ask for the time of day, moved by as many seconds as the environment says.
SHIFTED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long shift(void) { const char *text = getenv("CLOCK_SHIFT"); return text ? atol(text) : 0; }
int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(id, now);
    if (status == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
    return status;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *out, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


def moment(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


class Clocked(Source):
    """A source with a clock of its own, which its `Date` headers show too, unless they are somebody else's."""

    ahead = 0
    shows = True

    def answer(self, *words):
        status, body, *headers = super().answer(*words)
        sent = dict(headers[0]) if headers else {}
        if self.shows:
            sent["Date"] = email.utils.formatdate(time.time() + self.ahead, usegmt=True)
        return status, body, sent

    def write(self, count, ago=0):
        first = len(self.records)
        for number in range(first, first + count):
            self.records.append({
                "id": number, "updated": moment(self.ahead - ago + (number - first) * (ago // max(count, 1))),
            })


class Clock:
    """Our own clock: a library that the program is started with."""

    def __enter__(self):
        compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
        if not compiler:
            raise Skip("no C compiler here, so our own clock can't be moved")
        self.folder = tempfile.mkdtemp(prefix="connectord-clock-")
        source = pathlib.Path(self.folder) / "clock.c"
        source.write_text(SHIFTED)
        self.library = str(source.with_suffix(".so"))
        subprocess.run([compiler, "-shared", "-fPIC", "-o", self.library, str(source), "-ldl"], check=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def environment(self, seconds):
        return {"LD_PRELOAD": self.library, "CLOCK_SHIFT": str(seconds)}


def jumped(ours, theirs, shows, style, order, clock=None, cursor=None):
    """A first sync with clocks that are ahead, then three new records, and three more, with clocks that are right."""
    environment = clock.environment(ours) if clock else {}
    source = Clocked([], style, rank=ascending, reverse=order == "descending")
    source.ahead, source.shows = theirs, shows
    source.write(120, ago=7200)
    with Trial(source, stream(style, order, cursor=cursor)) as trial:
        trial.environment = environment
        for _ in range(2):
            run = trial.sync(expect=0)
            # An upper bound is a clock's word: what lies beyond it comes once the clocks are right.
            assert cursor or not trial.missing(), f"{len(trial.missing())} are missing at first: {run}"
            source.write(2)
        source.ahead, trial.environment = 0, {}
        for _ in range(3):
            source.write(3)
            trial.sync()
            run = trial.sync()
            missing = [key for key in trial.missing() if source.records[key]["updated"] <= moment() or not cursor]
            assert not missing, f"{len(missing)} are missing: {run}"
        assert not trial.deleted


PLANS = [
    ("page", "ascending", None), ("link", "ascending", None), ("offset", "descending", None), ("token", "none", None),
    ("link", "descending", {"upper": {"until": "${until}"}}),
]


def every_plan(ours, theirs, shows=True, clock=None):
    table = Table()
    for style, order, cursor in PLANS:
        name = f"{style}, {order}{', with an upper bound' if cursor else ''}"
        table.case(name, jumped, ours, theirs, shows, style, order, clock, cursor)
    table.end()


def both_ahead_and_back():
    """A machine and its source whose clocks are a day ahead, then right: what is new since arrives."""
    with Clock() as clock:
        every_plan(DAY, DAY, clock=clock)


def ours_ahead_and_back():
    """Our own clock a day ahead, then right: what is new since arrives."""
    with Clock() as clock:
        every_plan(DAY, 0, clock=clock)


def ours_behind_and_right():
    """Our own clock a day behind, then right: everything arrives."""
    with Clock() as clock:
        every_plan(-DAY, 0, clock=clock)


def theirs_ahead_and_back():
    """A source whose clock is a day ahead, as its Date headers show, then right: what is new since arrives."""
    every_plan(0, DAY)


def theirs_ahead_behind_a_proxy():
    """The same where the Date header is a proxy's, which is right all the time."""
    every_plan(0, DAY, shows=False)


def theirs_hours_behind():
    """A source whose clock is hours behind, then right."""
    every_plan(0, -5 * 3600)


def one_record_of_the_far_future():
    """One record dated 2099 (a typing mistake, an end date): all that is written later arrives."""
    def tried(style, order, cursor):
        source = Clocked([], style, rank=ascending, reverse=order == "descending")
        source.write(120, ago=7200)
        source.records.append({"id": 5000, "updated": "2099-12-31T00:00:00Z"})
        with Trial(source, stream(style, order, cursor=cursor)) as trial:
            for _ in range(3):
                run = trial.sync()
                # An upper bound asks for nothing of the future.
                wanted = [key for key in trial.missing() if key != 5000 or cursor is None]
                assert run.code == 0 and not wanted, f"{len(wanted)} are missing: {run}"
                source.write(3)

    table = Table()
    for style, order, cursor in PLANS:
        table.case(f"{style}, {order}{', with an upper bound' if cursor else ''}", tried, style, order, cursor)
    table.end()


def a_date_header_that_lies():
    """A Date header of next year, or of long ago, with every answer: it bounds nothing."""
    def tried(style, order, cursor, ahead):
        source = Clocked([], style, rank=ascending, reverse=order == "descending")
        source.write(120, ago=7200)
        plain = source.answer

        def answer(*words):
            status, body, sent = plain(*words)
            return status, body, {**sent, "Date": email.utils.formatdate(time.time() + ahead, usegmt=True)}
        source.answer = answer
        with Trial(source, stream(style, order, cursor=cursor)) as trial:
            for _ in range(3):
                trial.whole()
                source.write(3)

    table = Table()
    for style, order, cursor in PLANS:
        for ahead in [365 * DAY, -365 * DAY]:
            table.case(f"{style}, {order}, {ahead} s", tried, style, order, cursor, ahead)
    table.end()


if __name__ == "__main__":
    main([
        both_ahead_and_back, ours_ahead_and_back, ours_behind_and_right, theirs_ahead_and_back,
        theirs_ahead_behind_a_proxy, theirs_hours_behind, one_record_of_the_far_future, a_date_header_that_lies,
    ])
