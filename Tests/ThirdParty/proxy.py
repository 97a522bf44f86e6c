"""A proxy in front of a real server: shows what was asked, and lets a test act between two requests or change an answer."""
import http.client
import http.server
import threading

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}


class Proxy:
    """`before(method, path, number)` runs before a request goes on; `edit(request_headers)` changes what is passed on."""

    def __init__(self, port, before=None, edit=None):
        self.target, self.before, self.edit = port, before, edit
        self.asked = []
        self.answers = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                proxy.pass_on(self)

            do_POST = do_GET

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, handler):
        self.asked.append((handler.command, handler.path))
        if self.before:
            self.before(handler.command, handler.path, len(self.asked))
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP}
        if self.edit:
            self.edit(headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=60)
        connection.request(handler.command, handler.path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.answers.append((answer.status, dict(answer.getheaders()), content))
        handler.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
        connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
