#!/usr/bin/env python3
"""Operations from the command line against the sandbox, which honours idempotency keys and counts."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import PATIENCE, Home, Sandbox, exact, free_port, http, main

CHARGE = {"amount": 500, "currency": "chf", "source": "tok_visa", "metadata": {"order": "A-1"}}


def charges(sandbox):
    return len(sandbox.dump(sandbox.payment, "charges"))


def posts(sandbox, path):
    return [request for request in sandbox.served(sandbox.payment)["requests"] if request["target"].split("?")[0] == path]


def one_charge_a_key():
    """The same key twice makes one charge, the same key with another body is refused, a new key makes another."""
    with Sandbox("--charges", "3") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        first = home.exec("pay", "create_charge", CHARGE, "--idempotency-key", "k-1")
        assert first["amount"] == 500 and first["status"] == "succeeded" and first["metadata"] == {"order": "A-1"}, first
        assert home.exec("pay", "create_charge", CHARGE, "--idempotency-key", "k-1")["id"] == first["id"]
        assert charges(sandbox) == 4
        refused = home.exec("pay", "create_charge", {**CHARGE, "amount": 501}, "--idempotency-key", "k-1", expect=1)
        assert "same parameters" in refused.stderr, refused.stderr
        assert home.exec("pay", "create_charge", CHARGE)["id"] != first["id"]
        assert charges(sandbox) == 5


def a_lost_answer_charges_once():
    """The connection is lost after the charge was made: it is asked for again with the same key, and made once."""
    with Sandbox("--charges", "0") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], retry_backoff="10ms"))
        sandbox.fault(sandbox.payment, kind="reset", match="/v1/charges", times=2)
        charge = home.exec("pay", "create_charge", CHARGE)
        assert charge["amount"] == 500
        assert charges(sandbox) == 1, charges(sandbox)


def without_a_key_never_twice():
    """A write of an API without idempotency keys is not sent again when its answer is lost."""
    with Sandbox("--charges", "0") as sandbox, Home() as home:
        operation = {"path": "/v1/charges", "body": "form", "fields": {"amount": "${amount}", "currency": "${currency}"}}
        home.connector("pay", {
            **apis.stripe(sandbox, ["charges"], retry_backoff="10ms"), "operations": {"pay": operation},
        })
        sandbox.fault(sandbox.payment, kind="reset", match="/v1/charges", times=1)
        done = home.exec("pay", "pay", {"amount": 5, "currency": "chf"}, expect=69)
        assert "idempotency key" not in done.stderr, done.stderr
        assert charges(sandbox) <= 1, charges(sandbox)


def validated_before_anything_is_sent():
    """Bad data is named field by field, with status 64, and nothing is sent."""
    with Sandbox("--charges", "0") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        before = sandbox.served(sandbox.payment)["total"]
        for data, words in [
            ({**CHARGE, "amount": 0}, "amount must be"), ({**CHARGE, "amount": 10.0}, "amount must be"),
            ({**CHARGE, "currency": "chfx"}, "currency must be"), ({**CHARGE, "source": ""}, "source must"),
        ]:
            done = home.exec("pay", "create_charge", data, expect=64)
            assert words in done.stderr, done.stderr
        assert "did you mean" in home.exec("pay", "create_charg", CHARGE, expect=64).stderr
        assert home.run("exec", "pay", "create_charge", "{amount", expect=64).stderr
        shown = home.run("exec", "pay", "create_charge", '{"amount":5,"currency":"chf","source":"s"}', "--dry-run").stdout
        assert "POST " in shown and "amount=5&currency=chf&source=s" in shown and Sandbox.KEY not in shown, shown
        assert sandbox.served(sandbox.payment)["total"] == before
        assert home.run("exec", "nobody", "x", expect=78).stderr


def every_write_is_audited():
    """Who, what, when, outcome; never a card number or a key."""
    with Sandbox("--charges", "0") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        card = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2031, "cvc": "123"}}
        done = home.run("exec", "pay", "create_refund", '{"charge": "ch_4242424242424242"}', expect=1)
        line = next(line for line in done.stderr.splitlines() if "audit:" in line)
        assert '"operation":"create_refund"' in line and '"outcome":"failed"' in line, line
        assert "4242424242424242" not in line and Sandbox.KEY not in done.stderr, done.stderr
        del card


def a_whole_life():
    """Customer, charge, partial and full refund, balance, on the sandbox; read back by another client."""
    with Sandbox("--charges", "0", "--customers", "0") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        charge = home.exec("pay", "create_charge", CHARGE)
        refund = home.exec("pay", "create_refund", {"charge": charge["id"], "amount": 200})
        assert refund["amount"] == 200 and refund["charge_id"] == charge["id"], refund
        status, body = read_back(sandbox, f"/v1/charges/{charge['id']}")
        assert status == 200 and body["amount_refunded"] == 200, body
        home.exec("pay", "create_refund", {"charge": charge["id"], "amount": 300})
        assert read_back(sandbox, f"/v1/charges/{charge['id']}")[1]["refunded"] is True
        assert home.exec("pay", "retrieve_balance")["available"][0]["amount"] == 9_007_199_254_740_993


def read_back(sandbox, path):
    status, body = http("GET", sandbox.payment + path, headers={"Authorization": f"Bearer {Sandbox.KEY}"})[:2]
    return status, json.loads(body) if isinstance(body, (str, bytes)) else body


def data_from_standard_input():
    """`-` reads the data from standard input, up to a bound."""
    with Sandbox("--charges", "3", "--customers", "2") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        words = home.words("exec", "pay", "create_charge", "-")
        done = subprocess.run(words, input=json.dumps(CHARGE), capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0 and exact(done.stdout)["amount"] == CHARGE["amount"], done.stderr
        for odd, word in [
            ('{"charge":"ch_1","amuont":100}', "amuont is no field, but nearly one"),
            ('{"charge":"ch_1","amount":1,"amount":99999}', '"amount" twice'),
        ]:
            refused = home.run("exec", "pay", "create_refund", odd, expect=64)
            assert word in refused.stderr and not posts(sandbox, "/v1/refunds"), refused.stderr
        done = subprocess.run(words, input="1" * (2 << 20), capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 64 and "1048576" in done.stderr, (done.returncode, done.stderr[-500:])


def a_list_read_through():
    """`sync` is an operation of every connector; a list that is not read to its end is a failure."""
    with Sandbox("--charges", "30", "--customers", "2") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"], max_retries=0))
        result = home.exec("pay", "sync", {"entity_type": "charges"})
        assert result["synced_count"] == 30 and result["failed_count"] == 0 and result["last_sync"], result
        assert "sync" in home.run("exec", "pay").stdout.split()
        sandbox.fault(sandbox.payment, kind="500", match="/v1/charges")
        failed = home.exec("pay", "sync", {"entity_type": "charges"}, expect=1)
        assert "sync of charges failed" in failed.stderr, failed.stderr


def what_the_exit_code_says():
    """Refused is 1, unreachable 69, throttled 75; no message shows the key."""
    with Sandbox("--charges", "3", "--customers", "2") as sandbox, Home() as home:
        home.connector("pay", apis.stripe(sandbox, ["charges"]))
        for fault, code in [("401", 1), ("402", 1), ("500", 69), ("503", 69), ("reset", 69), ("429_seconds", 75)]:
            sandbox.fault(sandbox.payment, kind=fault, seconds=0, match="/v1/charges")
            done = home.exec("pay", "create_charge", CHARGE, expect=code)
            assert done.stderr.strip() and Sandbox.KEY not in done.stderr and not done.stdout, (fault, done.stderr)
            sandbox.clear_faults(sandbox.payment)
        home.connector("pay", apis.stripe(sandbox, ["charges"], base_url=f"http://127.0.0.1:{free_port()}"))
        home.exec("pay", "create_charge", CHARGE, expect=69)
        sandbox.fault(sandbox.payment, kind="delay", ms=60_000, match="/v1/charges")
        home.connector("pay", apis.stripe(sandbox, ["charges"], timeout="1s", total_timeout="1s", max_retries=0))
        home.exec("pay", "create_charge", CHARGE, expect=69)


if __name__ == "__main__":
    main([
        one_charge_a_key, a_lost_answer_charges_once, without_a_key_never_twice, validated_before_anything_is_sent,
        every_write_is_audited, a_whole_life, data_from_standard_input, a_list_read_through, what_the_exit_code_says,
    ])
