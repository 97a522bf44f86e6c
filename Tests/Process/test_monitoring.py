#!/usr/bin/env python3
"""What watches the daemon: metrics, health, alert rules, dashboard, status page."""
import base64
import datetime
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
import webhooks
from connectord import PATIENCE, ROOT, Home, Sandbox, Skip, free_port, http, main, wait_until

MONITORING = ROOT / "deploy" / "monitoring"


class Watched:
    """A daemon with a good, a refused and a broken connector, and a listener."""

    def __init__(self, **listener):
        self.port = free_port()
        self.sandbox, self.home = Sandbox("--charges", "40"), Home()
        self.home.daemon_settings({"listener": {"address": f"127.0.0.1:{self.port}", **listener}})
        self.home.connector("pay", apis.stripe(
            self.sandbox, ["charges"], schedule={"every": "1h"}, webhook={"secret": {"env": "HOOK"}}))
        self.home.connector("denied", apis.stripe(
            self.sandbox, ["charges"], api_key={"env": "WRONG"}, schedule={"every": "1h"}))
        self.home.connector("broken", '{ definition: "stripe", api_key: { env: "WRONG" }, strems: {} }')
        os.environ.update(HOOK="whsec_0123456789", WRONG="sk_wrong")

    def __enter__(self):
        log = open(self.home.root / "log", "ab")
        with log:
            self.process = self.home.daemon(stdout=log, stderr=log)
        wait_until(lambda: (self.home.state / "control.sock").exists(), "the daemon")
        wait_until(lambda: apis.status(self.home).get("denied/charges", {}).get("state") == "blocked", "blocked")
        wait_until(lambda: apis.status(self.home).get("pay/charges", {}).get("state") == "idle", "idle")
        return self

    def __exit__(self, *_):
        self.process.end()
        self.sandbox.end()
        self.home.__exit__()

    def get(self, path, headers=None, method="GET"):
        return http(method, f"http://127.0.0.1:{self.port}{path}", headers=headers)

    def shows(self, path, texts):
        """The answer that holds all texts: what is shown may be a second old, and what it shows must first happen."""
        answer = None

        def missing():
            nonlocal answer
            answer = self.get(path)
            return [text for text in texts if text not in answer[1]]
        try:
            wait_until(lambda: not missing(), "the texts")
        except AssertionError:
            raise AssertionError(f"{path} lacks {missing()}: {answer[1][:3000]}") from None
        return answer


def promtool(*words, text=None):
    found = subprocess.run([ROOT / "deploy/lib/fetch-promtool"], capture_output=True, text=True)
    if found.returncode:
        raise Skip("promtool can't be had here")
    return subprocess.run([found.stdout.strip(), *words], input=text, capture_output=True, text=True, timeout=PATIENCE)


def test_metrics():
    """metrics tell states, figures and refusals, in Prometheus' format and in OpenMetrics"""
    with Watched() as daemon:
        assert webhooks.Sender(daemon.port).post(b"{}", {"Stripe-Signature": "t=1,v1=00"})[0] in (400, 401)
        status, text = daemon.shows("/metrics", [
            'aitbc_connectord_connector_state{connector="denied",state="blocked"} 1\n',
            'aitbc_connectord_connector_state{connector="broken",state="disabled"} 1\n',
            'aitbc_connectord_records_total{connector="pay",stream="charges",op="upsert"} 40\n',
            'aitbc_connectord_runs_total{connector="pay",stream="charges",outcome="succeeded"} 1\n',
            'aitbc_connectord_stream_blocked{connector="denied",stream="charges"} 1\n',
            'aitbc_connectord_webhook_refused_total{connector="pay",code=',
        ])
        assert status == 200
        assert re.search(r'^aitbc_connectord_webhook_refused_total\{connector="pay",code="\w+"\} 1$', text, re.M), text
        assert re.search(r"^process_resident_memory_bytes [1-9]\d+$", text, re.M), text
        assert "sk_wrong" not in text and "whsec" not in text
        open_metrics = daemon.get("/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})[1]
        assert open_metrics.endswith("# EOF\n") and "# TYPE aitbc_connectord_records counter" in open_metrics
        linted = promtool("check", "metrics", text=text)
        assert linted.returncode == 0, linted.stdout + linted.stderr


def test_health():
    """/healthz and /readyz say that all is well; other paths and methods are refused"""
    with Watched() as daemon:
        assert daemon.get("/healthz") == (200, "ok\n")
        assert daemon.get("/readyz") == (200, "ready\n")
        assert daemon.get("/nothing")[0] == 404
        assert daemon.get("/metrics", method="POST")[0] == 405


def test_strangers():
    """status page and metrics are for this machine; the listener's `status` says otherwise"""
    stranger, rebound = {"X-Forwarded-For": "192.0.2.1"}, {"Host": "evil.example"}
    with Watched() as daemon:
        for path in ["/", "/metrics", "/status.json", "/status.css", "/status.js"]:
            assert daemon.get(path)[0] == 200, path
            assert daemon.get(path, stranger)[0] == daemon.get(path, rebound)[0] == 404, path
        assert daemon.get("/healthz", stranger)[0] == 200
    with Watched(status="all") as daemon:
        assert daemon.get("/metrics", stranger)[0] == daemon.get("/", rebound)[0] == 200
    with Watched(status="none") as daemon:
        assert daemon.get("/metrics")[0] == daemon.get("/")[0] == 404


def test_token():
    """status page and metrics are for who shows the listener's token, from wherever, and for nobody else"""
    token = "0123456789abcdef-token"
    basic = lambda words: {"Authorization": "Basic " + base64.b64encode(words.encode()).decode()}
    proofs = [{"Authorization": f"Bearer {token}"}, basic(f"anybody:{token}"), basic(f":{token}")]
    wrong = [{}, {"Authorization": f"Bearer {token}x"}, {"Authorization": token}, basic(token), basic(f"{token}:")]
    stranger = {"X-Forwarded-For": "192.0.2.1", "Host": "status.example"}
    with Watched(status_token=token) as daemon:
        for path in ["/", "/metrics", "/status.json", "/status.css", "/status.js"]:
            for proof in proofs:
                assert daemon.get(path, proof)[0] == daemon.get(path, {**stranger, **proof})[0] == 200, (path, proof)
            for proof in wrong:
                assert daemon.get(path, proof)[0] == daemon.get(path, {**stranger, **proof})[0] == 401, (path, proof)
        assert daemon.get("/healthz", stranger)[0] == 200
        assert token not in (daemon.home.root / "log").read_text()
        assert token not in daemon.get("/status.json", proofs[0])[1]
    with Watched(status="none", status_token=token) as daemon:
        assert daemon.get("/metrics", proofs[0])[0] == 404


def test_rules():
    """alert rules and dashboard load, and speak of metrics that exist"""
    rules = (MONITORING / "aitbc-connectord.rules.yml").read_text()
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 8
    places = [(cell["x"] + dx, cell["y"] + dy) for cell in (panel["gridPos"] for panel in panels)
              for dx in range(cell["w"]) for dy in range(cell["h"])]
    assert len(set(places)) == len(places) and max(x for x, _ in places) < 24, "panels overlap"
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    used = set(re.findall(r"\b(?:aitbc_connectord|process)_\w+", rules + " ".join(expressions)))
    # Only where there is something to count.
    rare = {f"aitbc_connectord_{name}_total" for name in ["quota_pauses", "webhook_refused"]}
    assert used - rare
    with Watched() as daemon:
        daemon.shows("/metrics", [f"# TYPE {re.sub('_bucket$', '', name)} " for name in used - rare])
    filled = [re.sub(r"\$__rate_interval", "5m", text).replace("$job", "j").replace("$connector", ".*") for text in expressions]
    with tempfile.TemporaryDirectory(prefix="connectord-test-") as folder:
        own = pathlib.Path(folder) / "dashboard.yml"
        own.write_text(json.dumps({"groups": [{"name": "g", "rules": [
            {"record": f"r{number}", "expr": text} for number, text in enumerate(filled)]}]}))
        for path in [MONITORING / "aitbc-connectord.rules.yml", own]:
            checked = promtool("check", "rules", str(path))
            assert checked.returncode == 0 and "SUCCESS" in checked.stdout, checked.stdout + checked.stderr


def test_alerts():
    """alerts fire for what needs somebody, and not for what has become less"""
    labels = 'connector="pay",stream="charges"'
    series = [
        # Hours of failures; letters that are dropped; others that come.
        {"series": f"aitbc_connectord_consecutive_failures{{{labels}}}", "values": "0x10 3+0x60"},
        {"series": f"aitbc_connectord_lag_seconds{{{labels}}}", "values": "0+60x120"},
        {"series": f"aitbc_connectord_dead_letters{{{labels}}}", "values": "10x10 4x110"},
        {"series": 'aitbc_connectord_dead_letters{connector="pay",stream="refunds"}', "values": "0x100 1x20"},
        {"series": 'aitbc_connectord_connector_state{connector="pay",state="blocked"}', "values": "0x60 1x60"},
    ]

    def alert(minutes, name, *labels):
        found = [{"exp_labels": {"connector": "pay", **one}} for one in labels]
        return {"eval_time": f"{minutes}m", "alertname": name, "exp_alerts": found}

    charges, refunds = {"severity": "warning", "stream": "charges"}, {"severity": "warning", "stream": "refunds"}
    blocked = {"severity": "critical", "state": "blocked"}
    cases = [
        alert(20, "DeadLetters"), alert(60, "DeadLetters"), alert(110, "DeadLetters", refunds),
        alert(5, "StreamFailing"), alert(40, "StreamFailing", charges),
        alert(30, "StreamLags"), alert(100, "StreamLags", charges),
        alert(30, "ConnectorNeedsPerson"), alert(70, "ConnectorNeedsPerson", blocked),
    ]
    with tempfile.TemporaryDirectory(prefix="connectord-test-") as folder:
        path = pathlib.Path(folder) / "alerts.yml"
        rules = pathlib.Path(folder) / "rules.yml"
        # Without their words: those are for people.
        text = re.sub(r"(?m)^        annotations:\n(          .*\n)+", "", (MONITORING / "aitbc-connectord.rules.yml").read_text())
        rules.write_text(text)
        tests = [{"interval": "1m", "input_series": series, "alert_rule_test": cases}]
        path.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests}))
        checked = promtool("test", "rules", str(path))
        assert checked.returncode == 0 and "SUCCESS" in checked.stdout, checked.stdout + checked.stderr


class Chromium:
    """A headless browser that only talks to loopback."""

    def __init__(self):
        self.program = shutil.which("chromium")
        if not self.program:
            raise Skip("chromium is not installed")

    def run(self, url, *words):
        with tempfile.TemporaryDirectory(prefix="connectord-test-") as profile:
            done = subprocess.run(
                [self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 "--disable-background-networking", "--no-first-run", "--proxy-server=127.0.0.1:9",
                 "--proxy-bypass-list=127.0.0.1", "--enable-logging=stderr", f"--user-data-dir={profile}",
                 "--window-size=1200,900", *words, url],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr[-2000:]
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert not complaints, complaints
        return done.stdout

    def screenshot(self, url, *words):
        """Red, green and blue of the upper left corner (PNG, RFC 2083), and how many bytes the picture has."""
        with tempfile.TemporaryDirectory(prefix="connectord-test-") as folder:
            path = pathlib.Path(folder) / "page.png"
            self.run(url, f"--screenshot={path}", "--virtual-time-budget=2000", *words)
            data = path.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        place, packed = 8, b""
        while place < len(data):
            length, kind = struct.unpack(">I4s", data[place:place + 8])
            if kind == b"IDAT":
                packed += data[place + 8:place + 8 + length]
            place += 12 + length
        return tuple(zlib.decompress(packed)[1:4]), len(data)


def as_of(page):
    """The time that a page says it is of, in seconds since 1970."""
    text = re.search(r'<time datetime="([^"]+)Z"', page)[1]
    return datetime.datetime.fromisoformat(text[:26].ljust(26, "0")).replace(tzinfo=datetime.timezone.utc).timestamp()


def test_page():
    """the status page is readable with and without script, light and dark, and breaks no rule of its own"""
    browser = Chromium()
    with Watched() as daemon:
        url = f"http://127.0.0.1:{daemon.port}/"
        texts = ['id="c-pay"', 'id="c-denied"', "status 401", "strems: unknown key", "<rect", ">40<"]
        plain = daemon.shows("/", texts)[1]
        seen = browser.run(url, "--dump-dom", "--virtual-time-budget=1000")
        assert all(text in seen for text in texts), seen[:3000]
        assert plain.index('id="c-denied"') < plain.index('id="c-pay"'), "trouble comes first"
        # The script takes the page anew every five seconds, here of a time that flies: hundreds of times.
        loaded = as_of(browser.run(url, "--dump-dom", "--virtual-time-budget=1000"))
        time.sleep(1.1)
        began = time.time()
        last = as_of(browser.run(url, "--dump-dom", "--virtual-time-budget=9000000"))
        first = as_of(daemon.get("/")[1])
        assert loaded < began < last <= first and last - began > 1.5, (loaded, began, last, first)
        light, size = browser.screenshot(url, "--blink-settings=preferredColorScheme=1")
        dark, _ = browser.screenshot(url, "--blink-settings=preferredColorScheme=0")
        assert min(light) > 200 and max(dark) < 60, (light, dark)
        copy = daemon.home.root / "page.html"
        copy.write_text(daemon.get("/")[1].replace('<script src="/status.js" defer></script>', "")
                        .replace('href="/status.css"', f'href="{url}status.css"'))
        _, bare = browser.screenshot(copy.as_uri(), "--blink-settings=preferredColorScheme=1")
        assert 0.9 < bare / size < 1.1, ("without script the picture is another one", bare, size)


if __name__ == "__main__":
    main([test_metrics, test_health, test_strangers, test_token, test_rules, test_alerts, test_page])
