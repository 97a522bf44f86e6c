"""Clients of the two servers, made without anything of the daemon: what it delivers is compared with what they read."""
import base64
import gzip
import json
import urllib.parse
import urllib.request

from connectord import exact, http


def flat(value, prefix=""):
    """Stripe's form encoding: a[b][0]=c."""
    if isinstance(value, (dict, list)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in pairs:
            yield from flat(part, f"{prefix}[{name}]" if prefix else name)
    elif isinstance(value, bool):
        yield prefix, "true" if value else "false"
    elif value is not None:
        yield prefix, str(value)


class Stripe:
    KEY = "sk_test_of_the_other_client"

    def __init__(self, url):
        self.url = url
        self.headers = {"Authorization": f"Bearer {self.KEY}"}

    def call(self, method, path, data=None):
        body = urllib.parse.urlencode(list(flat(data))) if data else None
        status, text = http(method, self.url + path, body, self.headers)
        assert status == 200, (method, path, status, text[:300])
        return exact(text)

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, **data):
        return self.call("POST", path, data)

    def delete(self, path):
        return self.call("DELETE", path)

    def all(self, path, **query):
        """The whole list in one answer (localstripe's `limit` has no maximum), by id."""
        page = self.call("GET", f"{path}?{urllib.parse.urlencode({'limit': 1000000, **query})}")
        assert not page["has_more"], path
        records = {record["id"]: record for record in page["data"]}
        assert len(records) == len(page["data"]), f"{path} names a record twice"
        return records


class Tryton:
    DEACTIVATED_TOO = {"active_test": False}

    def __init__(self, url, database, user, password):
        self.url = f"{url}/{database}/rpc/"
        answer = self.post("common.db.login", [user, {"password": password}, "en"], {})
        session = f"{user}:{answer[0]}:{answer[1]}"
        self.headers = {"Authorization": "Session " + base64.b64encode(session.encode()).decode()}

    def post(self, method, parameters, headers):
        body = json.dumps({"id": 1, "method": method, "params": parameters}).encode()
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip", **headers}
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            content = answer.read()
        answer = exact(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
        assert "error" not in answer, (method, str(answer["error"])[:400])
        return answer["result"]

    def call(self, model, method, *parameters):
        return self.post(f"model.{model}.{method}", [*parameters, {}], self.headers)

    def ids(self, model):
        return self.post(f"model.{model}.search", [[], 0, None, [["id", "ASC"]], self.DEACTIVATED_TOO], self.headers)

    def read(self, model, ids, fields):
        records = self.post(f"model.{model}.read", [ids, fields, self.DEACTIVATED_TOO], self.headers)
        return {record["id"]: record for record in records}

    def all(self, model, fields):
        """Every record, the deactivated ones too, by id."""
        return self.read(model, self.ids(model), fields)
