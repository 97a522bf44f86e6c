#!/usr/bin/env python3
"""`check --examples`: shipped definitions do what their examples say, and a definition that does otherwise is told."""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import DEFINITIONS, Home, main

# What is written otherwise in Stripe's definition, and the file whose examples must tell.
MISTAKES = [
    ('records: "data"', 'records: "items"', "lists"), ('"starting_after"', '"after"', "lists"),
    ('more: "has_more"', 'more: "more"', "lists"), ('key: "id"', 'key: "object"', "lists"),
    ('format: "unix",\n      order', 'format: "unix_ms",\n      order', "lists"), ("value: 100", "value: 10", "lists"),
    ('"created[gte]"', '"created[gt]"', "lists"), ('query: { status: "all" }', "query: {}", "lists"),
    ('path: "/v1/payouts"', 'path: "/v1/payout"', "lists"), ('["customer.deleted"', '["customer.gone"', "events"),
    ('upsert: "charges", sync: ["refunds"]', 'upsert: "charges"', "events"),
    ('code: "error.code"', 'code: "error.type"', "errors"), ('["resource_missing"]', "[]", "errors"),
    ('path: "/v1/refunds",\n      body', 'path: "/v1/refund",\n      body', "operations"),
    ('idempotency: "Idempotency-Key",\n      returns: "charge"', 'returns: "charge"', "operations"),
    ('charge_id: "charge"', 'charge_id: "payment"', "operations"),
]


def shipped_definitions():
    """Each example of each shipped definition is as it should be."""
    with Home() as home:
        said = home.run("check", "--examples").stdout.splitlines()
        folders = {path.parent.name for path in (DEFINITIONS.parent / "examples").glob("*/*.json5")} - {"webhooks"}
        assert {line.split(":")[0] for line in said} == folders, said
        assert all(line.endswith(", all as they should be") for line in said), said


def every_mistake_is_told():
    """A definition with one wrong key fails, and the line says the file, the place and the example."""
    with Home() as home:
        own, source = home.config / "definitions", (DEFINITIONS / "stripe.json5").read_text()
        own.mkdir()
        for right, wrong, name in MISTAKES:
            assert right in source, right
            (own / "stripe.json5").write_text(source.replace(right, wrong, 1))
            done = home.run("check", "--examples", "stripe", expect=1)
            assert f"examples/stripe/{name}.json5:" in done.stderr, (wrong, done.stderr[:500])
            assert "all as they should be" not in done.stdout, wrong


def own_definitions_and_their_examples():
    """They lie beside each other in the configuration; what is no example is told like any mistake."""
    definition = {
        "base_url": "https://shop.example/api", "auth_type": "bearer", "settings": {},
        "streams": {"orders": {
            "path": "/${settings.shop}/orders", "records": "orders", "deleted": {"field": "gone"},
            "paging": {"style": "token", "parameter": "page", "next": "next"},
            "cursor": {"field": "at", "lower": {"since": "${cursor}"}},
        }},
    }
    example = {
        "stream": "orders", "lower": "2026-11-01T00:00:00Z",
        "request": {"path": "/acme/orders", "query": {"since": "2026-11-01T00:00:00Z"}},
        "answer": {"body": {"orders": [{"id": 7, "at": "2026-11-01T10:00:00Z"}, {"id": 8, "gone": True}], "next": "t2"}},
        "records": [7], "deleted": [8], "cursor": "2026-11-01T10:00:00Z", "next": {"token": "t2"},
    }
    with Home() as home:
        for folder in ("definitions", "examples/shop"):
            (home.config / folder).mkdir(parents=True)
        (home.config / "definitions" / "shop.json5").write_text(json.dumps(definition))
        path = home.config / "examples" / "shop" / "orders.json5"
        connector = {"api_key": "any", "settings": {"shop": "acme"}}

        def said(example, expect):
            path.write_text(json.dumps({"connector": connector, "examples": {"what is new": example}}))
            done = home.run("check", "--examples", "shop", expect=expect)
            return done.stdout + done.stderr
        assert said(example, 0) == "shop: 1 example, all as they should be\n"
        for change in [{"records": [8]}, {"deleted": []}, {"next": "end"}, {"cursor": "2026-11-01T10:00:01Z"},
                       {"failure": "credentials"}, {"request": {"path": "/acme/orders"}}, {"stream": "orders", "lower": 5}]:
            assert f"{path}:1:" in said({**example, **change}, 1), change
        for change in [{"operation": "x"}, {"stream": None}, {"next": "last"}, {"at": {"place": 1}}, {"recods": []}]:
            words = said({**example, **change}, 1)
            assert f"{path}:1:" in words and 'examples."what is new"' in words, words
        path.unlink()
        assert "no examples" in home.run("check", "--examples", "shop", expect=1).stderr
        assert "did you mean" in home.run("check", "--examples", "shp", expect=64).stderr
        shutil.rmtree(home.config / "examples")


def the_catalogue():
    """`definitions` lists what is known, and says of one by what it finds what is new and how it sees deletions; `check`
    tells of a version of an API that ends."""
    with Home() as home:
        names = sorted(path.stem for path in DEFINITIONS.glob("*.json5"))
        listed = home.run("definitions").stdout.splitlines()
        assert [line.split()[0] for line in listed[1:]] == names, listed
        known = json.loads(home.run("definitions", "--json").stdout)["definitions"]
        assert [one["name"] for one in known] == names
        said = home.run("definitions", "stripe").stdout
        assert "customers" in said and "by the stream events" in said and "create_refund" in said, said
        for one in known:
            alone = json.loads(home.run("definitions", one["name"], "--json").stdout)
            assert alone == one
        assert "did you mean" in home.run("definitions", "strip", expect=64).stderr
        home.connector("shop", {
            "base_url": "https://shop.example", "auth_type": "none", "api_ends": "2020-01-31", "streams": {"s": {"path": "/s"}},
        })
        assert "shop: the vendor ended this version of its API on 2020-01-31" in home.run("check").stdout


if __name__ == "__main__":
    main([
        the_catalogue,shipped_definitions, every_mistake_is_told, own_definitions_and_their_examples])
