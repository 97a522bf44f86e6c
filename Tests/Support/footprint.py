"""What the daemon costs and when it is ready: measured here, compared with goals in deploy/bench, bounded in tests."""
import os
import pathlib
import re
import socket
import threading
import time

import apis
from connectord import Home, Process, free_port, wait_until


class Manager:
    """A service manager: a datagram socket that notes each message and when it came."""

    def __init__(self, home, name="notify"):
        self.path = str(home.root / name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while True:
            message = self.socket.recv(65536).decode()
            self.messages.append((time.monotonic(), message.split("\n")))

    def wait_for(self, line, after=0):
        def found():
            return next((m for m in self.messages[after:] if any(part.startswith(line) for part in m[1])), None)
        try:
            return wait_until(found, f"the message {line}", every=0.005)
        except AssertionError as error:
            raise AssertionError(f"{error}; there were {[m[1] for m in self.messages[after:]]}") from None

    def count(self):
        """How many messages came, with all that were on their way."""
        name = f"MARK={len(self.messages)}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(name.encode(), self.path)
        self.wait_for(name)
        return len(self.messages)

    def times(self, line):
        return [at for at, lines in self.messages if line in lines]


def run(home, program=None, **environment):
    words = home.words("run")
    words[0] = program or words[0]
    with open(home.root / "log", "ab") as log:
        return Process(words, stdout=log, stderr=log, env={**os.environ, **environment})


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid, name):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status).group(1)) / 1024


def arrivals(sandbox):
    """When each request came, in seconds, and how it was answered."""
    requests = sandbox.served(sandbox.payment)["requests"]
    return sorted((request["ns"] / 1e9, request["status"]) for request in requests)


def fullest_window(times, rate, burst):
    """How far the count of the fullest window of all lies above burst + rate · t, and what it held in how long."""
    excess, first, last = max(
        (last - first + 1 - burst - rate * (times[last] - times[first]), first, last)
        for first in range(len(times)) for last in range(first, len(times))
    )
    return excess, f"{last - first + 1} requests in {times[last] - times[first]:.3f} s"


def asleep(home, connectors, listener=True):
    """Connectors that are never due, and a listener."""
    if listener:
        home.daemon_settings({"listener": {"address": f"127.0.0.1:{free_port()}"}})
    for number in range(connectors):
        home.connector(f"shop-{number:04}", {
            "definition": "stripe", "base_url": "http://127.0.0.1:9", "api_key": "sk_test",
            "schedule": {"cron": "0 0 29 2 *"},
        })


def ready_after(connectors, attempts=1, program=None):
    """Seconds from the start of the process to READY, with so many connectors; the best of some attempts."""
    times = []
    with Home() as home:
        asleep(home, connectors)
        for attempt in range(attempts):
            manager = Manager(home, f"notify-{attempt}")
            began = time.monotonic()
            with run(home, program, NOTIFY_SOCKET=manager.path) as process:
                times.append(manager.wait_for("READY=1")[0] - began)
                assert process.end() == 0
    return min(times)


def sleeps(pid):
    """How often each thread of the process has gone to sleep by itself; pool threads come and go."""
    counts = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            status = pathlib.Path(f"/proc/{pid}/task/{task}/status").read_text()
        except FileNotFoundError:
            continue
        counts[task] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M).group(1))
    return counts


def wakeups(seconds, program=None):
    """Wakeups of a daemon with 10 connectors, a listener and the unit's watchdog, while nothing is due for so long."""
    with Home() as home:
        manager = Manager(home)
        asleep(home, 10)
        with run(home, program, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="120000000") as process:
            manager.wait_for("READY=1")
            manager.wait_for("WATCHDOG=1")
            time.sleep(3)
            seen, count = sleeps(process.pid), 0
            for _ in range(seconds):
                time.sleep(1)
                now = sleeps(process.pid)
                count += sum(times - seen.get(task, 0) for task, times in now.items())
                seen |= now
            return count


class Idle:
    """Connectors a minute apart, whose source has nothing: `window` says what that costs."""

    def __init__(self, sandbox, connectors, program=None):
        self.sandbox, self.home = sandbox, Home()
        self.manager = Manager(self.home)
        # Jitter spreads them over the minute, as they spread in service.
        for number in range(connectors):
            self.home.connector(f"shop-{number:03}", apis.stripe(
                sandbox, ["charges"], schedule={"every": "1m", "jitter": "60s"},
            ))
        self.process = run(self.home, program, NOTIFY_SOCKET=self.manager.path)
        self.manager.wait_for("READY=1")

    def requests(self):
        return self.sandbox.served(self.sandbox.payment)["total"]

    def window(self, seconds):
        """The share of a core that the process took, and the requests that it sent."""
        pid, sent = self.process.pid, self.requests()
        before, start = cpu_seconds(pid), time.monotonic()
        time.sleep(seconds)
        share = (cpu_seconds(pid) - before) / (time.monotonic() - start)
        return share, self.requests() - sent

    def peak_mb(self):
        return memory_mb(self.process.pid, "VmHWM")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.end()
        self.home.__exit__()
