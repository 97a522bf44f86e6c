"""AITBC's certification criteria for an SDK, one by one; deploy/certify calls it.

    certify.py BUILD CLIENT_BENCH CHAOS_SECONDS    BUILD has the tests and the sandbox, with coverage

Each criterion is shown by tests that are run by their name, or by a program that is measured.
"""
import glob
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Support"))
BUILD, BENCH, CHAOS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
os.environ["SANDBOX"] = str(BUILD / "connector-sandbox")
from connectord import Sandbox, http  # noqa: E402

LEAST_COVERAGE = 80
REQUESTS, IN_FLIGHT = 20_000, 100
WRITERS = 32


def tests(*filters):
    """Runs the tests of these names: (passed, evidence)."""
    program = str(next(BUILD.glob("*.xctest")))
    environment = {**os.environ, "LLVM_PROFILE_FILE": "/dev/null"}
    total = 0
    # Each for itself: one that no test bears any more would not be missed beside the others.
    for name in filters:
        words = [program, "--testing-library", "swift-testing", "--filter", name]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1_200,
                              env=environment)
        found = re.search(r"Test run with (\d+) tests? .*passed", done.stdout)
        count = int(found[1]) if found else 0
        if done.returncode or not count:
            failed = re.findall(r"✘ Test (.*?) (?:recorded|failed)", done.stdout)
            return False, f"{name}: {failed[0] if failed else 'no test ran'}"
        total += count
    return True, f"{total} test{'s' if total != 1 else ''}: {', '.join(filters)}"


def coverage():
    """Of the SDK, by its own tests."""
    tools = pathlib.Path(os.path.realpath(subprocess.check_output(["which", "swift"], text=True).strip())).parent
    program = next(BUILD.glob("*.xctest"))
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LLVM_PROFILE_FILE": f"{folder}/%p.profraw"}
        for name in ("AITBCConnectorsTests", "ConnectorDaemonTests", "ConnectorSandboxTests"):
            subprocess.run([program, "--testing-library", "swift-testing", "--filter", name], env=environment,
                           capture_output=True, timeout=1_200)
        subprocess.run([tools / "llvm-profdata", "merge", "--sparse", "-o", f"{folder}/all",
                        *glob.glob(f"{folder}/*.profraw")], check=True)
        report = subprocess.check_output([tools / "llvm-cov", "report", program, "-instr-profile", f"{folder}/all",
                                          "Sources/AITBCConnectors"], text=True)
    share = float(report.strip().splitlines()[-1].split()[9].rstrip("%"))
    return share > LEAST_COVERAGE, f"{share:.1f} % of the SDK's lines by its tests"


def figures():
    """One round of the client beside the sandbox, measured once for three criteria."""
    if not hasattr(figures, "found"):
        with Sandbox("--charges", "0", "--compact") as sandbox:
            words = [BENCH / ".build/release/client-bench", sandbox.aitbc, Sandbox.KEY, str(REQUESTS), str(IN_FLIGHT)]
            done = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=300)
        figures.found = json.loads(done.stdout.splitlines()[-1])
    return figures.found


def latency():
    p95 = figures()["p95"] * 1e3
    return p95 < 100, f"p95 {p95:.1f} ms of {REQUESTS:,} requests, {IN_FLIGHT} in flight"


def rate():
    found = figures()["requests"] / figures()["seconds"]
    return found > 1_000, f"{found:,.0f} requests a second"


def memory():
    peak = figures()["peak_kb"] / 1024
    return peak < 512, f"peak {peak:.0f} MiB"


def growth():
    grown = figures()["grown_kb"]
    return grown < 1_024, f"{REQUESTS // 2:,} more requests grow it by {grown:,} KB"


def documented():
    done = subprocess.run(["deploy/lib/docs", ".build/documentation", str(BUILD)], capture_output=True, text=True)
    return done.returncode == 0, "deploy/lib/docs: docc converts it without a warning"


def samples():
    done = subprocess.run(["deploy/lib/sdk-linkage"], capture_output=True, text=True)
    found = re.search(r"^\d+ samples", done.stdout, re.M)
    return done.returncode == 0, f"deploy/lib/sdk-linkage: {found[0] if found else 'no samples'} compile"


def misbehave(sandbox, chance):
    """One fault, of any kind, for a few of the requests that come next. It takes the place of the one before: a client that
    slows down, as it should, would else meet nothing but faults."""
    sandbox.clear_faults(sandbox.aitbc)
    kind = chance.choice(["500", "502", "503", "429_seconds", "reset", "slow", "short", "truncate", "delay", "garbage"])
    fault = {"kind": kind, "match": "/v1/", "times": chance.randint(1, 8), "after": chance.randint(0, 20)}
    fault.update({"429_seconds": {"seconds": 1}, "delay": {"ms": chance.choice([5, 200, 4_000])}}.get(kind, {}))
    if kind in ("500", "502", "503", "reset"):
        # Some of them come after the work was done.
        fault["apply"] = chance.random() < 0.5
    sandbox.fault(sandbox.aitbc, **fault)


def chaos():
    chance = random.Random(int(time.time()))
    with Sandbox("--charges", "0", "--compact") as sandbox:
        words = [BENCH / ".build/release/chaos", sandbox.aitbc, Sandbox.KEY, str(WRITERS)]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            end, count = time.monotonic() + CHAOS, 0
            while time.monotonic() < end and program.poll() is None:
                misbehave(sandbox, chance)
                count += 1
                time.sleep(chance.uniform(0.02, 0.3))
            sandbox.clear_faults(sandbox.aitbc)
            try:
                said, _ = program.communicate("", timeout=120)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
        found = json.loads(said)
        _, dump = http("GET", f"{sandbox.aitbc}/_sandbox/dump/records")
        stored = [json.loads(line) for line in dump.split("\n") if line]
    numbers = sorted(record["number"] for record in stored)
    isWhole = numbers == list(range(1, found["last"] + 1)) and found["acknowledged"] == found["last"]
    return isWhole, (f"{CHAOS} s, {count:,} faults, {found['last']:,} writes acknowledged, {len(numbers):,} stored, "
                     f"each {'once' if isWhole else 'NOT once'}; refused on the way: {sum(found['failures'].values()):,}")


def waits():
    return None, "waits for PostgreSQL: several machines as one service are not part of this version"


CRITERIA = [
    ("Bronze", "every public call", lambda: tests("SpecificationTests", "OverrideTests")),
    ("Bronze", "formats as specified", lambda: tests("SpecificationTests", "RoundTripTests", "ModelCodingTests")),
    ("Bronze", "bearer, OAuth 2 and HMAC", lambda: tests("OAuth2AuthTests", "SignedAuthTests", "ClientTokenTests")),
    ("Bronze", "types and required fields are validated", lambda: tests("OperationValidatorTests")),
    ("Bronze", "non-blocking, with timeouts", lambda: tests("AITBCClientLoopbackTests", "FailureTests")),
    ("Bronze", "TLS 1.2 or newer, certificates verified", lambda: tests("TLSTests")),
    ("Bronze", "keys are rotated", lambda: tests("ReplacedKeyTests", "TokenRenewalTests", "WebhookVerifierTests")),
    ("Bronze", f"over {LEAST_COVERAGE} % line coverage", coverage),
    ("Bronze", "documented, samples compile", samples),
    ("Bronze", "reference without a gap", documented),
    ("Silver", "95th percentile under 100 ms", latency),
    ("Silver", "over 1,000 requests a second in flight", rate),
    ("Silver", "under 512 MiB", memory),
    ("Silver", "memory does not grow with requests", growth),
    ("Silver", "client-side rate limit with burst", lambda: tests("AccountGateTests", "TokenBucketTests")),
    ("Silver", "back-off on 429", lambda: tests("RetryTests", "AdaptiveRateTests")),
    ("Silver", "retries respect idempotency", lambda: tests("IdempotencyTests")),
    ("Silver", "a circuit breaker", lambda: tests("CircuitBreakerTests", "RetryTests")),
    ("Silver", "least privilege: credentials stay with their host",
     lambda: tests("RedirectTests", "MetricsCollectorTests", "ConnectorSecretsTests")),
    ("Gold", "several tenants", lambda: tests("tenants have rate limits of their own", "AITBCClientTests")),
    ("Gold", "an audit log that can't be changed unseen", lambda: tests("FileAuditLogTests")),
    ("Gold", "metrics and health", lambda: tests("MetricsCollectorTests", "AITBCClientTests")),
    ("Gold", "chaos", chaos),
    ("Gold", "horizontal scaling", waits),
]


def main():
    os.chdir(ROOT)
    marks = {True: "pass", False: "FAIL", None: "open"}
    failed = []
    for level, criterion, show in CRITERIA:
        try:
            isMet, evidence = show()
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, StopIteration) as error:
            isMet, evidence = False, f"{type(error).__name__}: {error}"
        print(f"{level:6}  {marks[isMet]}  {criterion}: {evidence}", flush=True)
        if isMet is False:
            failed.append(criterion)
    met = len(CRITERIA) - len(failed) - 1
    print(f"{met} of {len(CRITERIA)} criteria met, {len(failed)} not met, 1 waits")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
