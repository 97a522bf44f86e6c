#!/usr/bin/env python3
"""Rate limits, proven from the source's own log of what it was asked and when."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, Process, Sandbox, main, same, wait_until
from footprint import arrivals, fullest_window

STREAMS = ["charges", "payment_intents", "balance_transactions", "customers", "invoices", "refunds", "payouts", "prices"]
DATA = ["--charges", "500", "--customers", "400", "--compact"]
# The source notes a request when it arrives: what left in time comes all at once where the machine stood still, here for
# a second or two. (deploy/bench looks more closely.)
TOLERANCE = 40


def kept(times, rate, burst):
    excess, held = fullest_window(times, rate, burst)
    assert excess <= TOLERANCE, f"{held}: {excess:.2f} above {burst} + {rate} · t"
    return excess


def succeeded(home, connector, streams):
    rows = apis.status(home)
    return all(rows.get(f"{connector}/{name}", {}).get("last_success") for name in streams)


def run(home):
    log = open(home.root / "log", "ab")
    with log:
        return Process(home.words("run"), stdout=log, stderr=log)


def complete(sandbox, home, owners):
    for stream, connector in owners.items():
        same(home.folded(connector, stream), sandbox.dump(sandbox.payment, stream))
        apis.delivered_once(home, connector, stream)


def burst_and_rate_over_eight_streams():
    """20 requests a second, burst 5: no window of over 200 requests by 8 streams of one account holds more."""
    with Sandbox(*DATA) as sandbox, Home() as home:
        limits = {"rate_limit": 20, "burst_limit": 5, "max_concurrent_streams": 8, "schedule": {"every": "1h"}}
        home.connector("pay", apis.stripe(sandbox, STREAMS, page=10, **limits))
        with run(home):
            wait_until(lambda: succeeded(home, "pay", STREAMS), "eight streams", every=0.5)
        times = [time for time, _ in arrivals(sandbox)]
        assert len(times) >= 200, len(times)
        excess = kept(times, 20, 5)
        rate = len(times) / (times[-1] - times[0])
        print(f"  {len(times)} requests, {rate:.1f} a second, fullest window {excess:+.2f}")
        complete(sandbox, home, dict.fromkeys(STREAMS, "pay"))


def two_connectors_of_one_account():
    """Two connectors with the same host and key share one limit, the stricter of the two."""
    with Sandbox(*DATA) as sandbox, Home() as home:
        common = {"burst_limit": 5, "max_concurrent_streams": 4, "schedule": {"every": "1h"}}
        parts = {"one": STREAMS[0::2], "two": STREAMS[1::2]}
        for (name, streams), rate in zip(parts.items(), [20, 50]):
            home.connector(name, apis.stripe(sandbox, streams, page=10, rate_limit=rate, **common))
        with run(home):
            wait_until(lambda: all(succeeded(home, *part) for part in parts.items()), "both", every=0.5)
        times = [time for time, _ in arrivals(sandbox)]
        assert len(times) >= 200, len(times)
        print(f"  {len(times)} requests, fullest window {kept(times, 20, 5):+.2f}")
        complete(sandbox, home, {stream: name for name, streams in parts.items() for stream in streams})


def pauses_as_the_server_says(kind, seconds, least):
    with Sandbox(*DATA) as sandbox, Home() as home:
        limits = {"rate_limit": 100, "burst_limit": 10, "max_concurrent_streams": 8, "schedule": {"every": "1h"}}
        home.connector("pay", apis.stripe(sandbox, STREAMS, page=20, **limits))
        sandbox.fault(sandbox.payment, kind=kind, seconds=seconds, after=30, times=1)
        with run(home):
            wait_until(lambda: succeeded(home, "pay", STREAMS), "eight streams", every=0.2)
        requests = arrivals(sandbox)
        refused = [time for time, status in requests if status == 429]
        assert len(refused) == 1, refused
        # What was on its way when the refusal left can't be called back: at most one of each stream.
        early = sum(refused[0] < time < refused[0] + least for time, _ in requests)
        assert early < len(STREAMS), f"{early} requests within {least} s of the refusal"
        assert sum(time >= refused[0] + least for time, _ in requests) > 50, "the pause came too late to be seen"
        complete(sandbox, home, dict.fromkeys(STREAMS, "pay"))
        assert "pause" in (home.root / "log").read_text(), "the log does not say why nothing happens"


def retry_after_in_seconds():
    """A 429 with Retry-After in seconds silences every stream of the account until then; nothing is lost."""
    pauses_as_the_server_says("429_seconds", 2, least=1.95)


def retry_after_as_a_date():
    """A 429 with Retry-After as a date does the same."""
    # A date has whole seconds: up to one less than was meant.
    pauses_as_the_server_says("429_date", 3, least=1.95)


def limits_of_the_server():
    """A server that allows less than we thought is obeyed: few refusals, and the sync ends with every record."""
    with Sandbox(*DATA) as sandbox, Home() as home:
        limits = {"rate_limit": 200, "burst_limit": 10, "max_concurrent_streams": 8, "schedule": {"every": "1h"}}
        streams = STREAMS[3:]
        home.connector("pay", apis.stripe(sandbox, streams, page=20, **limits))
        sandbox.control(sandbox.payment, "rate_limit", {"rate": 20, "burst": 10})
        with run(home):
            wait_until(lambda: succeeded(home, "pay", streams), "five streams", every=0.2)
        sandbox.control(sandbox.payment, "rate_limit", method="DELETE")
        requests = arrivals(sandbox)
        refused = sum(status == 429 for _, status in requests)
        print(f"  {refused} of {len(requests)} requests were refused")
        assert refused <= len(requests) * 0.3, f"{refused} of {len(requests)} requests were refused"
        complete(sandbox, home, dict.fromkeys(streams, "pay"))
        assert all(row["last_run"]["outcome"] == "succeeded" for row in apis.status(home).values())


if __name__ == "__main__":
    main([
        burst_and_rate_over_eight_streams, two_connectors_of_one_account, retry_after_in_seconds, retry_after_as_a_date,
        limits_of_the_server,
    ])
