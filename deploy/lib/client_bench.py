"""AITBC's certification figures for the SDK's client, beside the bare libcurl program and aiohttp doing the same work;
deploy/bench calls it.

    client_bench.py run SANDBOX CLIENT_BENCH BARE PYTHON ROUNDS    PYTHON has aiohttp, uvloop and orjson
    client_bench.py aiohttp BASE_URL KEY REQUESTS IN_FLIGHT        one round through aiohttp, a line of JSON

A round is REQUESTS requests with IN_FLIGHT at a time, after a tenth of that as warm-up: every second one writes a
record. AITBCClient and aiohttp parse each answer and look into its envelope; the bare program only searches it. CPU time
and memory are the client process's own.
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Support"))

REQUESTS = 20_000
IN_FLIGHT = 100
# AITBC's published criteria.
LEAST_RATE = 1_000
MOST_P95_MS = 100
# Ours: theirs is 512 MiB.
MOST_PEAK_MB = 64
# Of aiohttp's requests a CPU second, and of the bare program's.
LEAST_RATIO = 2.4
LEAST_SHARE = 0.75
# Of memory, by another 10,000 requests.
MOST_GROWTH_KB = 1_024
RECORD = {
    "type": "order", "number": "A-1001", "currency": "chf", "amount": 129_900, "customer": "cus_0001",
    "lines": [{"sku": "W-1", "quantity": 3, "price": 43_300}],
}


async def through_aiohttp(base, key, requests, in_flight):
    """As fast as it goes: no limit a host, answers read by orjson, on uvloop (see below)."""
    import asyncio

    import aiohttp
    import orjson

    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "User-Agent": "aiohttp"}
    connector = aiohttp.TCPConnector(limit=in_flight, limit_per_host=0)
    json_headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        async def one(number):
            if number % 2 == 0:
                async with session.get(f"{base}/v1/health") as answer:
                    assert answer.status == 200 and orjson.loads(await answer.read())["success"]
            else:
                body = orjson.dumps(RECORD)
                async with session.post(f"{base}/v1/records", data=body, headers=json_headers) as answer:
                    assert answer.status == 200 and orjson.loads(await answer.read())["data"]["accepted"] == 1

        async def round_of(count):
            latencies = []

            async def worker(first):
                for number in range(first, count, in_flight):
                    began = time.perf_counter()
                    await one(number)
                    latencies.append(time.perf_counter() - began)
            await asyncio.gather(*(worker(first) for first in range(in_flight)))
            return sorted(latencies)

        await round_of(requests // 10)
        cpu, began = time.process_time(), time.perf_counter()
        latencies = await round_of(requests)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return {
        "requests": len(latencies), "seconds": seconds, "cpu": used, "mean": statistics.fmean(latencies),
        "p50": latencies[len(latencies) // 2], "p95": latencies[int(len(latencies) * 0.95)],
        "p99": latencies[int(len(latencies) * 0.99)], "max": latencies[-1],
        "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def measured(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=300)
    return json.loads(done.stdout.splitlines()[-1])


def show(name, rounds):
    def middle(key):
        return statistics.median(figures[key] for figures in rounds)

    def ms(key):
        return f"{key} {middle(key) * 1e3:6.2f}"
    rate = statistics.median(f["requests"] / f["seconds"] for f in rounds)
    per_cpu = statistics.median(f["requests"] / f["cpu"] for f in rounds)
    print(f"  {name:12} {rate:9,.0f} requests/s  {per_cpu:9,.0f} a CPU second  {ms('mean')}  {ms('p50')}  {ms('p95')}  "
          f"{ms('p99')}  {ms('max')} ms  peak {middle('peak_kb') / 1024:5.1f} MB")
    return rate, per_cpu, middle("p95") * 1e3, middle("peak_kb") / 1024


def run(sandbox_program, client, bare, python, rounds):
    os.environ["SANDBOX"] = sandbox_program
    from connectord import Sandbox

    programs = {"AITBCClient": [client], "bare libcurl": [bare], "aiohttp": [python, __file__, "aiohttp"]}
    figures = {name: [] for name in programs}
    for _ in range(rounds):
        for name, words in programs.items():
            # A sandbox a turn: the records that it keeps must not slow the next one down.
            with Sandbox("--charges", "0", "--compact") as sandbox:
                figures[name].append(measured([*words, sandbox.aitbc, Sandbox.KEY, str(REQUESTS), str(IN_FLIGHT)]))
    print(f"{REQUESTS:,} requests, {IN_FLIGHT} in flight, medians of {rounds} rounds in turns:")
    rate, per_cpu, p95, peak = show("AITBCClient", figures["AITBCClient"])
    shares = {}
    for name in ("bare libcurl", "aiohttp"):
        _, other, _, _ = show(name, figures[name])
        shares[name] = per_cpu / other
    share, ratio = shares["bare libcurl"], shares["aiohttp"]
    print(f"  {share:.2f} of the bare program's requests a CPU second (goal: {LEAST_SHARE})")
    print(f"  {ratio:.2f} times those of aiohttp with uvloop and orjson (goal: {LEAST_RATIO})")
    grown = statistics.median(f["grown_kb"] for f in figures["AITBCClient"])
    print(f"  {REQUESTS // 2:,} more requests grow its memory by {grown:,.0f} KB (goal: under {MOST_GROWTH_KB:,})")
    good = grown < MOST_GROWTH_KB and rate > LEAST_RATE and p95 < MOST_P95_MS and peak < MOST_PEAK_MB
    print(f"  certification: over {LEAST_RATE:,} requests/s, p95 under {MOST_P95_MS} ms, peak under {MOST_PEAK_MB} MB: "
          f"{'met' if good else 'NOT MET'}")
    return 0 if good and share >= LEAST_SHARE and ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    if sys.argv[1] == "aiohttp":
        import uvloop

        figures = uvloop.run(through_aiohttp(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
        print(json.dumps(figures))
    else:
        sys.exit(run(*sys.argv[2:6], int(sys.argv[6])))
