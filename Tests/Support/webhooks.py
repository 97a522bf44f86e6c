"""A sender of webhooks, as careful as a processor: it signs, keeps its connection, and repeats what got no 200."""
import hashlib
import hmac
import http.client
import json
import os
import socket
import threading
import time

from connectord import PATIENCE

SECRET = "whsec_0123456789abcdef"


def signed(body, secret=SECRET, at=None):
    """The headers of one request, signed as Stripe does."""
    at = int(time.time() if at is None else at)
    proof = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={proof}"}


def event(number, key=None, type="charge.succeeded", created=None, **fields):
    created = 1_700_000_000 + number if created is None else created
    charge = {"id": f"ch_{number if key is None else key}", "object": "charge", "amount": number, **fields}
    body = {"id": f"evt_{number}", "object": "event", "type": type, "created": created, "data": {"object": charge}}
    return json.dumps(body).encode()


def block(streams=("charges",), on=None, **more):
    """A connector that lives from events alone."""
    return {
        "kind": "payment", "base_url": "https://127.0.0.1:9", "auth_type": "none",
        "webhook": {
            "signature": "stripe", "secret": SECRET, "object": "data.object", "streams": list(streams),
            "version": {"field": "created", "format": "unix"}, "on": on or {
                "charge.deleted": {"delete": "charges"}, "*": {"upsert": "charges"},
            }, **more,
        },
    }


class Sender:
    """One connection that is kept. `bind` is its own address, so that one machine can be several peers."""

    def __init__(self, port, name="pay", bind="127.0.0.1"):
        self.port, self.path, self.bind = port, f"/webhooks/{name}", bind
        self.connection = None

    def post(self, body, headers=None, method="POST", path=None):
        """Returns status and headers. Raises what the connection raises, and forgets it."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=PATIENCE, source_address=(self.bind, 0),
                )
            self.connection.request(method, path or self.path, body, signed(body) if headers is None else headers)
            answer = self.connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Burst:
    """Several senders at once, each event until it is acknowledged, as long as the block lasts."""

    def __init__(self, port, make, senders=4, pause=0.0):
        self.port, self.make, self.pause = port, make, pause
        self.lock = threading.Lock()
        self.next = 0
        self.acknowledged, self.refused, self.broken = 0, 0, 0
        self.answers = {}
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work) for _ in range(senders)]

    def work(self):
        sender = Sender(self.port)
        while not self.stopping.is_set():
            with self.lock:
                number, self.next = self.next, self.next + 1
            self.deliver(sender, number)
            if self.pause:
                self.stopping.wait(self.pause)
        sender.close()

    def deliver(self, sender, number):
        """Repeats an event until it is acknowledged: one that was begun is always brought to its end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < deadline, f"event {number} was not acknowledged within {PATIENCE} s"
            try:
                status, _ = sender.post(self.make(number))
            except ConnectionRefusedError:
                with self.lock:
                    self.refused += 1
                time.sleep(0.01)
                continue
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.broken += 1
                continue
            with self.lock:
                self.answers[status] = self.answers.get(status, 0) + 1
                self.acknowledged += status == 200
            if status == 200:
                return
            time.sleep(0.01)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE + 30)

    def __exit__(self, *_):
        self.stop()


def listening_socket():
    """As systemd opens one for the service."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    return listener


def activated(words, listener):
    """The command that passes the socket to a program as systemd does, and the options for Popen."""
    script = f'exec 3<&{listener.fileno()}; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=listener; exec "$@"'
    return ["bash", "-c", script, "bash", *words], {"pass_fds": (listener.fileno(),), "env": dict(os.environ)}
