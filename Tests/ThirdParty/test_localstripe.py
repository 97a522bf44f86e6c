#!/usr/bin/env python3
"""The daemon against localstripe, a payment processor that others wrote: what is delivered is what the server holds.

localstripe is Stripe's API with gaps, which the connector file bridges: most lists can't be filtered by time, so they
are read whole and compared by content; `prices` and `disputes` do not exist.
"""
import pathlib
import sys
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "Support")]
import connectord  # noqa: E402
import servers  # noqa: E402
import webhooks as sender  # noqa: E402
from connectord import Home, Process, same, wait_until  # noqa: E402
from localstripe.seed import customer, pay, seed  # noqa: E402
from proxy import Proxy  # noqa: E402

KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
PATHS = {
    "customers": "/v1/customers", "charges": "/v1/charges", "refunds": "/v1/refunds",
    "payment_intents": "/v1/payment_intents", "invoices": "/v1/invoices", "subscriptions": "/v1/subscriptions",
    "products": "/v1/products", "balance_transactions": "/v1/balance_transactions", "payouts": "/v1/payouts",
}
# localstripe lists events oldest first, and has no `created` filter for most other lists.
EVENTS = {"cursor": {"order": "ascending"}}
# What a reading lacks is called gone by the next one.
WHOLE = {"cursor": None, "deletes": {"after": "0s"}}


def connector(url, streams, **more):
    return {"definition": "stripe", "base_url": url, "api_key": KEY, "rate_limit": 1000, "streams": streams, **more}


def source(stripe, stream):
    # Cancelled subscriptions are only listed on request.
    return stripe.all(PATHS[stream], **({"status": "all"} if stream == "subscriptions" else {}))


def compare(home, stripe, streams=PATHS):
    for stream in streams:
        same(home.folded("shop", stream), source(stripe, stream))


def counts(home):
    return {stream: len(home.lines("shop", stream)) for stream in PATHS}


def everything():
    """A first sync delivers exactly what localstripe holds, a second nothing, the next ones exactly the changes."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        seed(stripe)
        home.connector("shop", connector(server.url, {stream: WHOLE for stream in PATHS}))
        results = home.sync("shop")
        before = {stream: source(stripe, stream) for stream in PATHS}
        assert all(len(records) > 5 for records in before.values()), {name: len(r) for name, r in before.items()}
        assert {name: results[name]["records"] for name in PATHS} == {name: len(r) for name, r in before.items()}
        compare(home, stripe)
        first = counts(home)
        assert first == {name: len(records) for name, records in before.items()}, first

        results = home.sync("shop")
        assert counts(home) == first, "a second sync delivered something"
        assert all(result["records"] == result["deletes"] == 0 for result in results.values()), results

        change(stripe, before)
        home.sync("shop")
        home.sync("shop")
        after = {stream: source(stripe, stream) for stream in PATHS}
        compare(home, stripe)
        for stream in PATHS:
            changed = {
                key for key in before[stream].keys() | after[stream].keys()
                if before[stream].get(key) != after[stream].get(key)
            }
            lines = home.lines("shop", stream)[first[stream]:]
            assert len(lines) == len(changed) and {line["id"] for line in lines} == changed, (stream, len(lines), changed)
            gone = {line["id"] for line in lines if line["op"] == "delete"}
            assert gone == before[stream].keys() - after[stream].keys(), (stream, gone)
        assert len(after["customers"]) == len(before["customers"]) + 6


def change(stripe, before):
    """New ones, a changed and a deleted customer, a refund of an old charge, a cancelled subscription."""
    for number in range(1000, 1007):
        customer(stripe, number)
    ids = list(before["customers"])
    stripe.post(f"/v1/customers/{ids[3]}", name="Renamed “łódź” \U0001F600", metadata={"tier": "gold"})
    stripe.delete(f"/v1/customers/{ids[5]}")
    old = next(key for key, charge in before["charges"].items() if not charge["amount_refunded"])
    stripe.post("/v1/refunds", charge=old, amount=7)
    stripe.delete(f"/v1/subscriptions/{next(iter(before['subscriptions']))}")


def events():
    """Changes and deletions reach the customers through the event log alone."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        for number in range(1, 60, 2):
            customer(stripe, number)
        home.connector("shop", connector(server.url, {"events": EVENTS, "customers": WHOLE, "products": WHOLE}))
        home.sync("shop")
        compare(home, stripe, ["customers"])
        first = home.lines("shop", "customers")

        ids = list(stripe.all("/v1/customers"))
        stripe.post(f"/v1/customers/{ids[0]}", name="First name")
        stripe.post(f"/v1/customers/{ids[0]}", name="Last name")
        stripe.delete(f"/v1/customers/{ids[1]}")
        new = [customer(stripe, number)["id"] for number in (2001, 2003)]
        stripe.post("/v1/products", name="Through an event", type="good")
        home.sync("shop/events")
        compare(home, stripe, ["customers", "products"])
        lines = home.lines("shop", "customers")[len(first):]
        assert [line["id"] for line in lines if line["op"] == "delete"] == [ids[1]], lines
        assert {line["id"] for line in lines} == {*ids[:2], *new}, [line["id"] for line in lines]

        size = len(home.lines("shop", "customers"))
        home.sync("shop/events")
        home.sync("shop")
        assert len(home.lines("shop", "customers")) == size, "a further sync delivered known customers again"


def moved_anchor():
    """A server that begins again at page 1, because the record to continue after is gone, neither loops nor loses."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        for number in range(1, 700, 2):
            customer(stripe, number)
        deleted = []

        def delete_anchor(_, path, __):
            if "starting_after=" in path and not deleted:
                deleted.append(path.split("starting_after=")[1].split("&")[0])
                stripe.delete(f"/v1/customers/{deleted[0]}")

        with Proxy(server.port, delete_anchor) as proxy:
            home.connector("shop", connector(proxy.url, {"customers": WHOLE}))
            home.sync("shop")
            assert deleted, "the second page was never asked for"
            assert len(proxy.asked) < 40, len(proxy.asked)
            pages = [[record["id"] for record in connectord.exact(content)["data"]] for _, _, content in proxy.answers]
            assert any(page[0] == pages[0][0] and "starting_after" in asked[1] for page, asked in zip(pages, proxy.asked)), \
                "the trap did not spring: no page began again at the first record"
            home.sync("shop")
            home.sync("shop")
        compare(home, stripe, ["customers"])
        upserts = [line["id"] for line in home.lines("shop", "customers") if line["op"] == "upsert"]
        assert len(upserts) == len(set(upserts)) == 350, (len(upserts), len(set(upserts)))


def ties():
    """Records of the same second arrive once each, whenever within that second the sync looked, in pages of three."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        paging = {"size": {"value": 3}}
        # As a plain list; localstripe filters events as Stripe does, and lists them oldest first.
        events = {"feed": None, "paging": paging, "cursor": {"order": "ascending", "start_now": None, "lookback": "2s"}}
        # For charges it only has `created[gt]`: the look back of a second includes the cursor's own.
        lower = {"created[gte]": None, "created[gt]": "${cursor}"}
        charges = {"paging": paging, "cursor": {"order": "none", "lookback": "1s", "lower": lower, "upper": None}}
        home.connector("shop", connector(server.url, {"events": events, "charges": charges}))
        for round in range(12):
            for number in range(2):
                pay(stripe, customer(stripe, 1), 100 * round + number)
            home.sync("shop")
        same(home.folded("shop", "events"), stripe.all("/v1/events"))
        compare(home, stripe, ["charges"])
        for stream, count in {"events": 48, "charges": 24}.items():
            lines = home.lines("shop", stream)
            assert len(lines) == len({line["id"] for line in lines}) == count, (stream, len(lines))
            seconds = [line["record"]["created"] for line in lines]
            if max(seconds.count(second) for second in set(seconds)) <= 3:
                raise connectord.Skip("this machine is too busy to make more than a page of records within a second")


def errors():
    """Errors in plain text and in JSON end a stream with what the server said, and stop no other."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        seeded = [customer(stripe, number) for number in (1, 3, 5)]
        streams = {"prices": WHOLE, "disputes": WHOLE, "refunds": {}, "payouts": {}, "customers": WHOLE}
        home.connector("shop", connector(server.url, streams, max_retries=0))
        results = home.sync("shop", expect=1)
        assert results["customers"]["outcome"] == "succeeded" and results["customers"]["records"] == len(seeded), results
        for stream, words in {
            "prices": ["404", "Not Found", "/v1/prices"], "disputes": ["404", "/v1/disputes"],
            "refunds": ["500", "Internal Server Error"], "payouts": ["400", "Unexpected created"],
        }.items():
            result = results[stream]
            assert result["outcome"] == "failed" and result["records"] == 0, result
            assert all(word in result["error"] for word in words), result
        assert not home.lines("shop", "prices")


def wrong_key():
    """A refused key is said plainly, with exit status 1, and without the key."""
    with servers.Localstripe() as server, Home() as home:
        wrong = "pk_live_51H8xxWrongKeyOfSomeone"
        home.connector("shop", {**connector(server.url, {"customers": WHOLE}), "api_key": wrong})
        done = home.run("sync", "shop", expect=1)
        said = done.stdout + done.stderr
        assert "401" in said and "Unauthorized" in said and "credential" in said, said
        assert wrong not in said and wrong[8:] not in said, said
        status = home.run("status", expect=None)
        assert wrong not in status.stdout + status.stderr
        assert "401" in status.stdout, status.stdout
        # The right key goes on from there.
        server.client.post("/v1/customers", name="One")
        home.connector("shop", connector(server.url, {"customers": WHOLE}))
        home.sync("shop")
        compare(home, server.client, ["customers"])


def operations():
    """Charge, refunds, payment method, customer, subscription, both ways to cancel; each read back by another client."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        home.connector("shop", connector(server.url, {"charges": WHOLE}))
        card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2033, "cvc": "123"}
        method = home.exec("shop", "create_payment_method", {"type": "card", "card": card})
        assert (method["last4"], method["exp_month"], method["exp_year"], method["type"]) == ("4242", 12, 2033, "card")
        assert stripe.get(f"/v1/payment_methods/{method['id']}")["card"]["last4"] == "4242"

        token = stripe.post("/v1/tokens", **{f"card[{name}]": value for name, value in card.items()})["id"]
        customer = home.exec("shop", "create_customer", {"email": "ada@example.com", "name": "Ada", "source": token})
        assert stripe.get(f"/v1/customers/{customer['id']}")["email"] == "ada@example.com" == customer["email"]

        stripe.post(f"/v1/payment_methods/{method['id']}/attach", customer=customer["id"])
        charge = home.exec("shop", "create_charge", {
            "amount": 1999, "currency": "chf", "source": method["id"], "description": "Büro", "metadata": {"order": "7"},
        })
        assert charge["status"] == "succeeded" and charge["amount"] == 1999 and charge["metadata"] == {"order": "7"}, charge
        found = stripe.get(f"/v1/charges/{charge['id']}")
        assert (found["amount"], found["currency"], found["description"]) == (1999, "chf", "Büro"), found

        part = home.exec("shop", "create_refund", {"charge": charge["id"], "amount": 500})
        assert part["amount"] == 500 and part["charge_id"] == charge["id"] and part["status"] == "succeeded", part
        assert stripe.get(f"/v1/charges/{charge['id']}")["amount_refunded"] == 500
        # localstripe knows no reason, and refunds the whole charge where no amount is given, whatever was refunded before.
        other = home.exec("shop", "create_charge", {"amount": 300, "currency": "chf", "source": method["id"]})
        whole = home.exec("shop", "create_refund", {"charge": other["id"]})
        assert whole["amount"] == 300, whole
        assert stripe.get(f"/v1/charges/{other['id']}")["refunded"] is True

        plan = stripe.post(
            "/v1/plans", amount=900, currency="chf", interval="month", **{"product[name]": "Basic", "id": "basic"},
        )["id"]
        for at_period_end in (True, False):
            subscription = home.exec("shop", "create_subscription", {"customer": customer["id"], "items": [{"plan": plan}]})
            assert subscription["status"] == "active" and subscription["customer_id"] == customer["id"], subscription
            assert (subscription["amount"], subscription["currency"], subscription["interval"]) == (900, "chf", "month")
            ended = home.exec("shop", "cancel_subscription", {
                "subscription": subscription["id"], "at_period_end": at_period_end,
            })
            held = stripe.get(f"/v1/subscriptions/{subscription['id']}")
            if at_period_end:
                assert held["cancel_at_period_end"] is True and ended["status"] == "active", (held, ended)
            else:
                assert held["status"] == "canceled" == ended["status"], (held, ended)


def declined():
    """A declined card is refused with the processor's code."""
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        home.connector("shop", connector(server.url, {"charges": WHOLE}))
        # Can be stored, and is declined when it is charged.
        card = {"number": "4000000000000341", "exp_month": 12, "exp_year": 2033, "cvc": "123"}
        method = stripe.post("/v1/payment_methods", type="card", card=card)["id"]
        customer = stripe.post("/v1/customers", name="Ada")["id"]
        stripe.post(f"/v1/payment_methods/{method}/attach", customer=customer)
        done = home.exec("shop", "create_charge", {"amount": 100, "currency": "chf", "source": method}, expect=1)
        assert "card_declined" in done.stderr and '"error_code":"card_declined"' in done.stderr, done.stderr


def webhooks():
    """Its signed events reach the daemon, through restarts, and each arrives once in its stream."""
    streams = ["customers", "subscriptions", "invoices", "products"]
    with servers.Localstripe() as server, Home() as home:
        stripe = server.client
        home.connector("shop", connector(
            server.url, {stream: {**WHOLE, "schedule": {"every": "7d"}} for stream in streams},
            webhook={"secret": sender.SECRET},
        ))
        listener = sender.listening_socket()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/shop"
        form = urllib.parse.urlencode({"url": url, "secret": sender.SECRET})
        assert connectord.http("POST", f"{server.url}/_config/webhooks/daemon", form)[0] == 200

        def start(log):
            words, options = sender.activated(home.words("run"), listener)
            return Process(words, stdout=log, stderr=log, **options)

        with open(home.root / "log", "ab") as log, listener:
            daemon = start(log)
            try:
                # The lists are read once, at the start, and find nothing: all that follows comes by event.
                wait_until(lambda: all(finished(home, stream) for stream in streams), "the first, empty lists")
                plan = stripe.post("/v1/plans", id="gold", product=stripe.post("/v1/products", name="Gold", type="service")["id"],
                                   amount=900, currency="eur", interval="month")
                for number in range(20):
                    made = stripe.post("/v1/customers", name=f"Customer {number}", email=f"c{number}@example.com")
                    pay(stripe, made, number)
                    stripe.post("/v1/subscriptions", customer=made["id"], items=[{"plan": plan["id"]}])
                    if number == 10:
                        daemon.end()
                        daemon = start(log)
                for stream in streams:
                    wait_until(lambda: home.folded("shop", stream) == source(stripe, stream), f"every event of {stream}")
            finally:
                daemon.end()
        for stream in streams:
            last = {}
            for line in home.lines("shop", stream):
                assert last.get(line["id"]) != line["record"], f"{stream}: {line['id']} came twice"
                last[line["id"]] = line["record"]
        print("  " + ", ".join(f"{stream} {len(home.lines('shop', stream))}" for stream in streams))


def finished(home, stream):
    state = home.run("status", "--json").stdout
    rows = connectord.json.loads(state)["streams"]
    return any(row["stream"] == stream and row.get("last_success") for row in rows)


if __name__ == "__main__":
    connectord.main([operations, declined, webhooks, everything, events, moved_anchor, ties, errors, wrong_key])
