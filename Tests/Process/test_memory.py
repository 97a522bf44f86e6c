#!/usr/bin/env python3
"""Pages of hostile servers, many at a time: what the program holds of them is bounded, and others go on meanwhile."""
import gzip
import json
import os
import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import footprint
import webhooks
from connectord import Home, Skip, free_port, main, same, wait_until
from webhooks import Sender, event

# A page of 64 MiB and what is made of it, beside the budget of 128 MiB and the program, are 400 MB; the unit ends nothing
# below this.
PEAK_MB = 640
# As many records as a page may have.
MOST = 250_000
GZIP = {"Content-Encoding": "gzip"}


def packed(text):
    return gzip.compress(text.encode(), compresslevel=6)


def small_records(count):
    """As many records as a page may have, each of about 56 bytes."""
    rows = (f'{{"id":"r{number:07}","name":"nothing much","amount":12}}' for number in range(count))
    return "[" + ",".join(rows) + "]"


def tiny_records(count):
    return "[" + ",".join(f'{{"id":{number}}}' for number in range(count)) + "]"


def one_string(count):
    """One record, whose only other member is one string."""
    return json.dumps([{"id": 1, "text": "a" * count}])


def streams(count, path="/hostile"):
    return {f"s{number}": {"path": f"{path}/{number}", "records": "", "key": "id"} for number in range(count)}


class Hostile:
    """One body for each path under /hostile, and a well-behaved list at /good that has something new each time."""

    def __init__(self, body, headers=GZIP, status=200):
        self.body, self.headers, self.status = body, headers, status
        self.good = []
        self.asked = 0
        self.lock = threading.Lock()

    def answer(self, path, query, headers):
        if path == "/good":
            with self.lock:
                self.good.append({"id": len(self.good), "text": "b" * 400})
                return 200, list(self.good), {}
        with self.lock:
            self.asked += 1
        return self.status, self.body, self.headers


def quiet(url, names, **more):
    return {**apis.plain(url, names, **more), "schedule": {"every": "1h"}}


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stand(body, connectors, streams_each, ends, **hostile):
    """Runs the daemon on them, with a good connector and signed webhooks beside; returns the peak in MB."""
    release = os.environ.get("CONNECTORD_RELEASE")
    if not release:
        raise Skip("bounds of memory are those of the optimised program: name it in CONNECTORD_RELEASE")
    source = Hostile(packed(body), **hostile)
    with apis.Server(source.answer) as server, Home() as home:
        port = free_port()
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{port}"}, "max_concurrent_syncs": 32})
        for number in range(connectors):
            names = streams(streams_each, f"/hostile/{number}")
            home.connector(f"bad{number}", quiet(server.url, names, max_concurrent_streams=8))
        good = apis.plain(server.url, {"list": {"path": "/good", "records": "", "key": "id"}})
        home.connector("good", {**good, "schedule": {"every": "1s"}})
        home.connector("pay", webhooks.block())
        with footprint.run(home, release) as process:
            wait_until(lambda: listens(port), "the listener")
            ended = lambda: all(
                rows.get(f"bad{number}/s{stream}", {}).get("last_run", {}).get("outcome") == ends
                for rows in [apis.status(home)] for number in range(connectors) for stream in range(streams_each)
            )
            sent, until = 0, time.monotonic() + 300
            while not ended():
                assert time.monotonic() < until, "not all hostile connectors came to an end"
                began = time.monotonic()
                sent += 1
                assert Sender(port).post(event(sent))[0] == 200
                assert time.monotonic() - began < 20, "a webhook waited"
                assert process.child.poll() is None
                time.sleep(0.5)
            seen = len(source.good)
            wait_until(lambda: len(source.good) > seen + 1, "the good connector goes on")
            peak = footprint.memory_mb(process.pid, "VmHWM")
            assert process.end() == 0
        same(home.folded("good", "list"), apis.records_of(source.good[:len(home.folded("good", "list"))]))
        assert len(home.folded("pay", "charges")) == sent
    print(f"  peak {peak:.0f} MB, {source.asked} requests, {len(source.good)} good ones, {sent} webhooks meanwhile")
    assert peak < PEAK_MB, f"{peak:.0f} MB"
    return peak


def four_pages_of_a_million_small_records():
    """Four streams whose page of 2.6 MB unpacks to 56 MB of a million small records, which is too many."""
    stand(small_records(4 * MOST), 1, 4, "failed")


def four_pages_of_as_many_records_as_may_be():
    """Four streams with as many small records as a page may have: all are delivered."""
    stand(small_records(MOST), 1, 4, "succeeded")


def sixteen_pages_of_tiny_records():
    """Sixteen connectors with as many records of ten bytes."""
    stand(tiny_records(MOST), 16, 1, "succeeded")


def sixteen_strings_of_64_megabytes():
    """Sixteen connectors with one string that fills the page."""
    stand(one_string((64 << 20) - 64), 16, 1, "succeeded")


def sixteen_pages_that_are_too_large():
    """Sixteen connectors with pages beyond max_response_bytes."""
    stand(one_string(65 << 20), 16, 1, "failed")


def sixteen_errors_of_64_megabytes():
    """Sixteen connectors whose refusals are as large as a page may be."""
    stand(json.dumps({"error": {"message": "a" * ((64 << 20) - 64)}}), 16, 1, "failed", status=400)


if __name__ == "__main__":
    main([
        four_pages_of_a_million_small_records, four_pages_of_as_many_records_as_may_be, sixteen_pages_of_tiny_records,
        sixteen_strings_of_64_megabytes, sixteen_pages_that_are_too_large, sixteen_errors_of_64_megabytes,
    ])
