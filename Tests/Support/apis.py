"""Connector files for the sandbox's APIs, and a small server that answers exactly what a test tells it.

Page sizes are small and backoffs short, so that tests of many pages and retries take no time.
"""
import http.server
import json
import sys
import threading
import urllib.parse

from connectord import Sandbox, exact

QUICK = {"max_retries": 3, "retry_backoff": "10ms"}


def stripe(sandbox, streams, page=100, **more):
    """The shipped definition on the sandbox. `streams` is a list of names, or a map with overrides."""
    if not isinstance(streams, dict):
        streams = {name: {} for name in streams}
    size = {"paging": {"size": {"parameter": "limit", "value": page}}}
    return {
        "definition": "stripe", "base_url": sandbox.payment, "api_key": Sandbox.KEY, "rate_limit": 10_000, **QUICK,
        "streams": {name: {**size, **override} for name, override in streams.items()}, **more,
    }


def odata_stream(collection="Customers", **more):
    """Ascending by change time; the next page is asked for at the cursor reached."""
    return {
        "path": f"/odata/{collection}", "query": {"$orderby": "modified,id"}, "records": "value", "key": "id",
        "paging": {"style": "link", "next": ["@odata.nextLink"], "anchor": "cursor"},
        "cursor": {
            "field": "modified", "format": "iso8601", "order": "ascending",
            "lower": {"$filter": "modified ge ${cursor}"},
        },
        **more,
    }


def offset_stream(collection="Items", size=20, **more):
    """A full refresh by offset: no cursor, no next link; deletions are seen."""
    return {
        "path": f"/api/{collection}", "key": "id", "query": {"order": "id"},
        "paging": {"style": "offset", "parameter": "offset", "size": {"parameter": "limit", "value": size}}, **more,
    }


def paged_stream(collection="Orders", size=20, **more):
    """Numbered pages, followed by the `Link` header."""
    return {
        "path": f"/paged/{collection}", "records": "data", "key": "id", "query": {"order": "id"},
        "paging": {"style": "link_header", "size": {"parameter": "per_page", "value": size}}, **more,
    }


def token_stream(collection="Invoices", size=20, **more):
    return {
        "path": f"/token/{collection}", "records": "items", "key": "id", "query": {"order": "id"},
        "paging": {
            "style": "token", "parameter": "page_token", "next": "next_page_token",
            "size": {"parameter": "limit", "value": size},
        },
        **more,
    }


# Deletions that a second run confirms at once, however many they are: tests are in a hurry, and their lists are small.
AT_ONCE = {"after": "0s", "most": 1_000_000}


def erp(sandbox, streams, **more):
    streams = {name: {"deletes": AT_ONCE, **stream} for name, stream in streams.items()}
    return {
        "kind": "erp", "base_url": sandbox.erp, "api_key": Sandbox.KEY, **QUICK,
        "errors": {"present": "error", "message": "error.message", "code": "error.code"}, "streams": streams, **more,
    }


def erp_session(sandbox, streams, **more):
    """The same by a login call, whose token goes into a header of its own."""
    login = {
        "path": "/login", "body": {"user": "${username}", "password": "${password}"}, "returns": {"token": "token"},
        "header": "X-Session", "value": "${token}",
    }
    config = {"username": "erp", "password": "erp-secret", "login": login}
    connector = erp(sandbox, streams, auth_type="session", auth_config=config, **more)
    del connector["api_key"]
    return connector


def plain(url, streams, **more):
    """An API of `Server` below."""
    return {"base_url": url, "auth_type": "none", **QUICK, "streams": streams, **more}


def cursors(home):
    """What the state holds of each stream, by `connector/stream`."""
    rows = json.loads(home.run("cursors", "--json").stdout)
    return {f"{row['connector']}/{row['stream']}": (row["cursor"], row["walk_under_way"]) for row in rows}


def status(home):
    rows = json.loads(home.run("status", "--json").stdout)["streams"]
    return {f"{row['connector']}/{row['stream']}": row for row in rows}


def delivered_once(home, connector, stream):
    """No line repeats what a reader already had: neither a record unchanged, nor a deletion of what is not there."""
    known = {}
    for line in home.lines(connector, stream):
        key = line["id"]
        if line["op"] == "delete":
            assert known.pop(key, None) is not None, f"{stream}: {key} was deleted without being there"
        else:
            assert known.get(key) != line["record"], f"{stream}: {key} was delivered twice with the same content"
            known[key] = line["record"]


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # Each command opens several connections at once.
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that has ended takes its connections along, which is no error of this server."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Server:
    """Answers each GET by `answer(path, query, headers)` → status, body or object, headers. Notes what was asked."""

    def __init__(self, answer, tls=None):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one segment: two would wait for each other's acknowledgement.
            wbufsize = -1

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                sent = self.rfile.read(length).decode() if length else ""
                path, _, query = self.path.partition("?")
                fields = dict(urllib.parse.parse_qsl(query))
                requests.append((self.path, dict(self.headers)))
                code, body, headers = (*answer(path, fields, dict(self.headers, body=sent)), {})[:3]
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response_only(code)
                given = {"Date": self.date_time_string(), "Content-Type": "application/json", **headers}
                for name, value in given.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def records_of(records):
    """A source's records by id, as `same` compares them."""
    return {record["id"]: exact(json.dumps(record)) for record in records}
