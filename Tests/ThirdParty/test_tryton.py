#!/usr/bin/env python3
"""The daemon against trytond, an ERP that others wrote: what is delivered is what the server holds."""
import pathlib
import sqlite3
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "Support")]
import connectord  # noqa: E402
import servers  # noqa: E402
from connectord import Home, same, wait_until  # noqa: E402
from proxy import Proxy  # noqa: E402

DATES = ["write_date", "create_date"]
# What the definition asks for, by stream.
MODELS = {
    "parties": ("party.party", [
        "name", "code", "active", "lang", "tax_identifier", "addresses", "contact_mechanisms", "categories", *DATES,
    ]),
    "addresses": ("party.address", [
        "party", "party_name", "street", "postal_code", "city", "country", "subdivision", "active", "sequence", *DATES,
    ]),
    "products": ("product.product", [
        "template", "template.name", "template.type", "code", "description", "list_price", "active", *DATES,
    ]),
    "sales": ("sale.sale", [
        "number", "reference", "party", "company", "currency", "sale_date", "state", "untaxed_amount", "tax_amount",
        "total_amount", "invoice_state", "shipment_state", "lines", *DATES,
    ]),
    "invoices": ("account.invoice", [
        "number", "reference", "type", "party", "company", "currency", "invoice_date", "state", "untaxed_amount",
        "tax_amount", "total_amount", "lines", *DATES,
    ]),
    "moves": ("account.move", [
        "number", "journal", "period", "date", "post_date", "description", "state", "lines", "company",
        *DATES,
    ]),
}


def connector(url, streams, **more):
    return {
        "definition": "tryton", "base_url": url, "settings": {"database": servers.Trytond.DATABASE},
        "auth_config": {"username": servers.Trytond.USER, "password": servers.Trytond.PASSWORD},
        "streams": streams if isinstance(streams, dict) else {name: {} for name in streams}, **more,
    }


def source(tryton, stream):
    return tryton.all(*MODELS[stream])


def compare(home, tryton, streams=MODELS):
    for stream in streams:
        same(home.folded("erp", stream), source(tryton, stream))


def counts(home):
    return {stream: len(home.lines("erp", stream)) for stream in MODELS}


def everything():
    """A first sync delivers exactly what Tryton holds, a second nothing, the next ones exactly the changes."""
    with servers.Trytond() as server, Home() as home:
        tryton = server.client
        home.connector("erp", connector(server.url, list(MODELS)))
        home.sync("erp")
        before = {stream: source(tryton, stream) for stream in MODELS}
        sizes = {stream: len(records) for stream, records in before.items()}
        assert sizes["parties"] == 601 and sizes["products"] == 40 and sizes["sales"] == 30, sizes
        assert sizes["addresses"] > 500 and sizes["invoices"] >= 30 and sizes["moves"] >= 20, sizes
        compare(home, tryton)
        first = counts(home)
        assert first == sizes, (first, sizes)
        nulls = [record for record in before["products"].values() if record["write_date"] is None]
        assert nulls, "no product has a null write_date: the trap is not set"
        assert "99.99" in str(before["invoices"]), "no decimal to compare"

        results = home.sync("erp")
        assert counts(home) == first, "a second sync delivered something"
        assert all(result["records"] == result["deletes"] == 0 for result in results.values()), results

        change(tryton, before)
        home.sync("erp")
        after = {stream: source(tryton, stream) for stream in MODELS}
        compare(home, tryton)
        for stream in MODELS:
            changed = {key for key, record in after[stream].items() if before[stream].get(key) != record}
            lines = home.lines("erp", stream)[first[stream]:]
            assert {line["id"] for line in lines} == changed and len(lines) == len(changed), (stream, changed, lines[:3])
        relation(home, tryton)
        deletion(home, tryton)


def change(tryton, before):
    """New parties, a renamed one, a deactivated one, a changed and a deactivated address, a first change of a product."""
    parties = list(before["parties"])
    tryton.call("party.party", "create", [{"name": f"New “party” {number}"} for number in range(5)])
    tryton.call("party.party", "write", [parties[10]], {"name": "Renamed Gęślą"})
    tryton.call("party.party", "write", [parties[11]], {"active": False})
    # Its party must stay silent.
    address = next(key for key, record in before["addresses"].items() if record["party"] == parties[20])
    tryton.call("party.address", "write", [address], {"city": "Łódź"})
    other = next(key for key, record in before["addresses"].items() if record["party"] == parties[21])
    tryton.call("party.address", "write", [other], {"active": False})
    product = next(key for key, record in before["products"].items() if record["write_date"] is None)
    tryton.call("product.product", "write", [product], {"description": "changed for the first time"})
    assert tryton.read("product.product", [product], ["write_date"])[product]["write_date"] is not None
    draft = next(key for key, record in before["sales"].items() if record["state"] == "draft")
    tryton.call("sale.sale", "write", [draft], {"reference": "changed by a test"})


def relation(home, tryton):
    """A name that belongs to another record moves no date of the one that shows it: the full walk finds it."""
    product = next(iter(source(tryton, "products").values()))
    tryton.call("product.template", "write", [product["template"]], {"name": "Renamed template"})
    size = len(home.lines("erp", "products"))
    home.sync("erp/products")
    home.sync("erp/products", "--full")
    assert [line["id"] for line in home.lines("erp", "products")[size:]] == [product["id"]]
    compare(home, tryton, ["products"])


def deletion(home, tryton):
    """Two full walks, of two runs, agree that a party is gone."""
    victim, = tryton.call("party.party", "create", [{"name": "Not for long"}])
    home.sync("erp/parties")
    assert victim in home.folded("erp", "parties")
    tryton.call("party.party", "delete", [victim])
    home.sync("erp/parties")
    assert victim in home.folded("erp", "parties"), "an incremental sync can't know"
    size = len(home.lines("erp", "parties"))
    home.sync("erp/parties", "--full")
    assert len(home.lines("erp", "parties")) == size, "one reading confirms nothing"
    results = home.sync("erp/parties", "--accept-deletes")
    lines = home.lines("erp", "parties")[size:]
    assert [(line["op"], line["id"]) for line in lines] == [("delete", victim)], (lines, results)
    compare(home, tryton, ["parties"])


def errors_with_200():
    """An error under status 200 fails the stream with what Tryton said, and its cursor stays."""
    with servers.Trytond() as server, Home() as home:
        home.connector("erp", connector(server.url, ["parties", "products"]))
        home.sync("erp")
        cursor = shown_cursor(home)

        def broken(model, field):
            fields = [["active", "in", [True, False]], "${lower}", "${position}"]
            body = {"params": [fields, 0, "${limit}", [["id", "ASC"]], ["name", field, *DATES], {}],
                    "id": 1, "method": f"model.{model}.search_read"}
            return {"parties": {"body": body}, "products": {}}

        for model, field in (("party.party", "no_such_field"), ("no.such.model", "name")):
            home.connector("erp", connector(server.url, broken(model, field), max_retries=0))
            server.client.call("party.party", "write", [1], {"name": f"Changed before {model} {field}"})
            results = home.sync("erp", expect=1)
            assert results["products"]["outcome"] == "succeeded", results
            error = results["parties"]["error"]
            assert results["parties"]["outcome"] == "failed" and error, results
            assert (field if model == "party.party" else model) in error, error
            assert servers.Trytond.PASSWORD not in error
            assert shown_cursor(home) == cursor
        home.connector("erp", connector(server.url, ["parties", "products"]))
        home.sync("erp")
        compare(home, server.client, ["parties", "products"])


def shown_cursor(home):
    shown, = connectord.exact(home.run("cursors", "erp/parties", "show", "--json").stdout)
    return shown["cursor"]


def gzip_in_name_only():
    """An answer that is labelled gzip and is not is read all the same."""
    with servers.Trytond() as server, Home() as home:

        def refuse_gzip(headers):
            for name in [name for name in headers if name.lower() == "accept-encoding"]:
                headers[name] = "identity"

        with Proxy(server.port, edit=refuse_gzip) as proxy:
            home.connector("erp", connector(proxy.url, ["parties"]))
            home.sync("erp")
            lying = [content for _, headers, content in proxy.answers
                     if headers.get("Content-Encoding") == "gzip" and content[:2] != b"\x1f\x8b"]
            assert lying, "the trap is not set: no answer was labelled gzip in name only"
        compare(home, server.client, ["parties"])
        # And as it comes, really compressed.
        with Proxy(server.port) as proxy, Home() as other:
            other.connector("erp", connector(proxy.url, ["parties"]))
            other.sync("erp")
            assert any(content[:2] == b"\x1f\x8b" for _, _, content in proxy.answers), "nothing was compressed"
            compare(other, server.client, ["parties"])


def ended_session():
    """A running daemon whose session ends, and whose server restarts, logs in again and goes on."""
    with servers.Trytond() as server, Home() as home:
        # Without retries: too many failures in a row would rest the account for half a minute.
        pace = {"schedule": {"every": "1s", "jitter": "0s"}, "max_retries": 0}
        home.connector("erp", connector(server.url, ["parties"], **pace))
        with home.daemon(stdout=servers.subprocess.DEVNULL, stderr=servers.subprocess.PIPE, text=True) as daemon:
            wait_until(lambda: len(home.folded("erp", "parties")) >= 601, "the first sync")
            wipe_sessions(server)
            arrives(home, renamed(server, "After the session ended"))
            server.restart()
            arrives(home, renamed(server, "After the restart"))
            assert daemon.end() == 0
            said = daemon.child.stderr.read()
            assert servers.Trytond.PASSWORD not in said
        compare(home, server.client, ["parties"])


def reordered_fields():
    """A restarted server writes the fields of its records in another order: nothing is delivered for that."""
    with servers.Trytond() as server, Home() as home:
        home.connector("erp", connector(server.url, ["parties"]))
        assert home.sync("erp")["parties"]["records"] > 0
        for _ in range(3):
            server.restart()
            again = home.sync("erp", "--full")["parties"]
            assert (again["records"], again["deletes"]) == (0, 0), again


def wipe_sessions(server):
    """As Tryton does when a session times out."""
    with sqlite3.connect(server.folder / "erp.sqlite", timeout=30) as database:
        database.execute("DELETE FROM ir_session")
    server.client = servers.Tryton(server.url, server.DATABASE, server.USER, server.PASSWORD)


def renamed(server, name):
    server.client.call("party.party", "write", [1], {"name": name})
    return name


def arrives(home, name):
    wait_until(lambda: home.folded("erp", "parties").get(1, {}).get("name") == name, f"{name} arrives")


def wrong_password():
    """A refused login is said plainly, with exit status 1, and without the password."""
    with servers.Trytond() as server, Home() as home:
        password = "hunter2-but-longer"
        auth = {"username": "admin", "password": password}
        home.connector("erp", connector(server.url, ["parties"], auth_config=auth))
        done = home.run("sync", "erp", expect=1)
        said = done.stdout + done.stderr
        assert "401" in said and password not in said, said
        assert password not in home.run("status", expect=None).stdout


def late_commits():
    """Parties whose long transaction commits after newer changes were read: nothing is lost."""
    with servers.Trytond(postgresql=True) as server, Home() as home:
        tryton = server.client
        home.connector("erp", connector(server.url, ["parties"]))
        home.sync("erp")
        compare(home, tryton, ["parties"])
        ended = threading.Event()
        sizes, writes, failed = [], [], []

        def guarded(work):
            try:
                work()
            except BaseException as error:
                failed.append(error)

        def rename():
            other = servers.Tryton(server.url, server.DATABASE, server.USER, server.PASSWORD)
            while not ended.is_set():
                other.call("party.party", "write", [1], {"name": f"Quick {len(writes)}"})
                writes.append(time.monotonic())
                ended.wait(0.3)

        def sync():
            while not ended.is_set():
                home.sync("erp")
                sizes.append(time.monotonic())

        threads = [threading.Thread(target=guarded, args=(work,)) for work in (rename, sync)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(writes) > 1 and sizes, "the race runs")
        slow = tryton.call("party.party", "create", [late_party(number) for number in range(500)])
        committed = time.monotonic()
        wait_until(lambda: failed or sum(moment > committed for moment in sizes) >= 2, "two syncs after the commit")
        ended.set()
        for thread in threads:
            thread.join()
        assert not failed, failed
        home.sync("erp")
        lost = set(slow) - home.folded("erp", "parties").keys()
        assert not lost, f"{len(lost)} of the late parties are lost"
        compare(home, tryton, ["parties"])
        passed_by = overtaken(home.lines("erp", "parties"), set(slow))
        assert passed_by, "the trap did not spring: no newer change was read before the late parties"


def late_party(number):
    """Enough to do that its transaction takes some seconds."""
    addresses = [{"street": f"{number} Late St", "city": "Köln"}, {"street": f"{number} Later St"}]
    emails = [{"type": "email", "value": f"late{number}@example.com"}]
    return {
        "name": f"Late {number}", "addresses": [["create", addresses]], "contact_mechanisms": [["create", emails]],
    }


def overtaken(lines, late):
    """The changes that were delivered before the late records, and bear a newer time."""
    first = next(place for place, line in enumerate(lines) if line["id"] in late)
    began = moment(lines[first]["record"]["create_date"])
    return [line["id"] for line in lines[:first] if moment(line["record"]["write_date"]) > began]


def moment(date):
    return tuple((date or {}).get(part, 0) for part in ("year", "month", "day", "hour", "minute", "second", "microsecond"))


def operations():
    """A party is made, changed and removed, and each step read back by another client; what Tryton refuses is an error."""
    with servers.Trytond() as server, Home() as home:
        tryton = server.client
        home.connector("erp", connector(server.url, ["parties"]))
        made = home.exec("erp", "create_party", {"name": "Łódź & “Co”"})
        key = made["id"]
        assert tryton.read("party.party", [key], ["name"])[key]["name"] == "Łódź & “Co”"
        home.exec("erp", "update_party", {"id": key, "name": "Renamed", "lang": None})
        assert tryton.read("party.party", [key], ["name"])[key]["name"] == "Renamed"
        assert "id is required" in home.exec("erp", "update_party", {"name": "x"}, expect=64).stderr
        assert home.exec("erp", "create_party", {"no_such_field": 1}, expect=1).stderr
        home.exec("erp", "delete_party", {"id": key})
        assert key not in tryton.all("party.party", ["name"])


def mapped_operations():
    """A customer by AITBC's names of its fields, and a model that no definition names, read back by another client."""
    with servers.Trytond() as server, Home() as home:
        tryton = server.client
        home.connector("erp", connector(server.url, ["parties"]))
        key = home.exec("erp", "create_customer", {"name": "Mapped", "number": "M-7", "active": True})["id"]
        party = tryton.read("party.party", [key], ["name", "code", "active"])[key]
        assert (party["name"], party["code"], party["active"]) == ("Mapped", "M-7", True), party
        home.exec("erp", "update_customer", {"id": key, "name": "Mapped anew", "active": False})
        party = tryton.read("party.party", [key], ["name", "code", "active"])[key]
        assert (party["name"], party["code"], party["active"]) == ("Mapped anew", "M-7", False), party
        category = home.exec("erp", "create_party.category", {"name": "Łódź"})["id"]
        assert tryton.read("party.category", [category], ["name"])[category]["name"] == "Łódź"
        home.exec("erp", "delete_party.category", {"id": category})
        assert category not in tryton.ids("party.category")


if __name__ == "__main__":
    connectord.main([
        operations, mapped_operations,
        everything, errors_with_200, gzip_in_name_only, ended_session, reordered_fields, wrong_password, late_commits,
    ])
