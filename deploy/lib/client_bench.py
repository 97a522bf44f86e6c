"""AITBC's certification figures for the SDK's client, beside aiohttp doing the same work; deploy/bench calls it.

    client_bench.py run SANDBOX CLIENT_BENCH PYTHON ROUNDS     PYTHON has aiohttp
    client_bench.py aiohttp BASE_URL KEY REQUESTS IN_FLIGHT    one round through aiohttp, a line of JSON

A round is REQUESTS requests with IN_FLIGHT at a time, after a tenth of that as warm-up: every second one writes a
record. Both parse each answer and look into its envelope. CPU time and memory are the client process's own.
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
LEAST_RATIO = 5
RECORD = {
    "type": "order", "number": "A-1001", "currency": "chf", "amount": 129_900, "customer": "cus_0001",
    "lines": [{"sku": "W-1", "quantity": 3, "price": 43_300}],
}


async def through_aiohttp(base, key, requests, in_flight):
    import asyncio

    import aiohttp

    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "User-Agent": "aiohttp"}
    connector = aiohttp.TCPConnector(limit=in_flight, limit_per_host=max(1, in_flight // 4))
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        async def one(number):
            if number % 2 == 0:
                async with session.get(f"{base}/v1/health") as answer:
                    assert answer.status == 200 and (await answer.json())["success"]
            else:
                async with session.post(f"{base}/v1/records", json=RECORD) as answer:
                    assert answer.status == 200 and (await answer.json())["data"]["accepted"] == 1

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
        "requests": len(latencies), "seconds": seconds, "cpu": used, "p50": latencies[len(latencies) // 2],
        "p95": latencies[int(len(latencies) * 0.95)], "p99": latencies[int(len(latencies) * 0.99)],
        "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def measured(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=300)
    return json.loads(done.stdout.splitlines()[-1])


def show(name, rounds):
    def middle(key):
        return statistics.median(figures[key] for figures in rounds)
    rate = statistics.median(f["requests"] / f["seconds"] for f in rounds)
    per_cpu = statistics.median(f["requests"] / f["cpu"] for f in rounds)
    print(f"  {name:12} {rate:9,.0f} requests/s  {per_cpu:9,.0f} a CPU second  p50 {middle('p50') * 1e3:6.2f} ms  "
          f"p95 {middle('p95') * 1e3:6.2f} ms  p99 {middle('p99') * 1e3:6.2f} ms  peak {middle('peak_kb') / 1024:5.1f} MB")
    return rate, per_cpu, middle("p95") * 1e3, middle("peak_kb") / 1024


def run(sandbox_program, client, python, rounds):
    os.environ["SANDBOX"] = sandbox_program
    from connectord import Sandbox

    ours, theirs = [], []
    for _ in range(rounds):
        # A sandbox a turn: the records that it keeps must not slow the second one down.
        with Sandbox("--charges", "0", "--compact") as sandbox:
            ours.append(measured([client, sandbox.aitbc, Sandbox.KEY, str(REQUESTS), str(IN_FLIGHT)]))
        with Sandbox("--charges", "0", "--compact") as sandbox:
            words = [python, __file__, "aiohttp", sandbox.aitbc, Sandbox.KEY, str(REQUESTS), str(IN_FLIGHT)]
            theirs.append(measured(words))
    print(f"{REQUESTS:,} requests, {IN_FLIGHT} in flight, medians of {rounds} rounds in turns:")
    rate, per_cpu, p95, peak = show("AITBCClient", ours)
    _, their_per_cpu, _, _ = show("aiohttp", theirs)
    ratio = per_cpu / their_per_cpu
    print(f"  {ratio:.2f} times aiohttp's requests a CPU second (goal: {LEAST_RATIO})")
    good = rate > LEAST_RATE and p95 < MOST_P95_MS and peak < MOST_PEAK_MB
    print(f"  certification: over {LEAST_RATE:,} requests/s, p95 under {MOST_P95_MS} ms, peak under {MOST_PEAK_MB} MB: "
          f"{'met' if good else 'NOT MET'}")
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1] == "aiohttp":
        import asyncio

        figures = asyncio.run(through_aiohttp(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
        print(json.dumps(figures))
    else:
        sys.exit(run(*sys.argv[2:5], int(sys.argv[5])))
