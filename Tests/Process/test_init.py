#!/usr/bin/env python3
"""`init` writes connector files, `check --connect` proves them."""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import DEFINITIONS, PATIENCE, Home, Sandbox, free_port, main


def from_nothing_to_a_sync():
    """init, the secret into its file, check --connect, sync: the file needs no other change."""
    with Sandbox("--charges", "12") as sandbox, Home() as home:
        key = home.root / "stripe.key"
        said = home.run("init", "pay", "--definition", "stripe", "--secret-file", str(key), "--base-url", sandbox.payment)
        path = home.config / "connectors.d" / "pay.json5"
        assert said.stdout.startswith(f"{path} is written. Next:\n"), said.stdout
        assert str(key) in home.run("check", expect=78).stdout
        key.write_text(Sandbox.KEY + "\n")
        key.chmod(0o600)
        assert home.run("check").stdout == "1 connector with 12 streams is good\n"
        connected = home.run("check", "--connect", "pay").stdout
        assert re.fullmatch(rf"pay: ok, GET {sandbox.payment}/v1/balance was answered in .*s\n", connected), connected
        assert home.sync("pay/charges")["charges"]["records"] == 12


def says_what_to_mend():
    """A secret that others can read, a file of another ending, and definitions that are nowhere are told of."""
    with Home() as home:
        key = home.root / "key"
        key.write_text("k\n")
        key.chmod(0o644)
        home.connector("pay", {"definition": "stripe", "api_key": {"file": str(key)}})
        (home.config / "connectors.d" / "other.json").write_text("{}")
        (home.config / "connectors.d" / "shop.yaml").write_text("")
        said = home.run("check").stdout
        assert "can be read or changed by other users; chmod 600 it" in said, said
        for name in ("other.json", "shop.yaml"):
            assert f"{name}: not read; connectors are files NAME.json5" in said, said
        words = home.words("check")
        words[words.index("--definitions") + 1] = str(home.root / "nowhere")
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 78 and "name their directory with --definitions" in done.stdout, done


def adyen_before_its_key():
    """A key in hex that only the service sees is no mistake."""
    with Home() as home:
        example = DEFINITIONS.parent / "examples" / "webhooks" / "adyen.json5"
        home.connector("adyen", example.read_text())
        said = home.run("check").stdout
        assert "1 connector with" in said and "adyen-hmac" in said, said


def leaves_what_is_there():
    """A file of a person is never written over; unknown definitions and bad names are refused."""
    with Home() as home:
        for definition in sorted(path.stem for path in DEFINITIONS.glob("*.json5")):
            assert re.search(rf"^{definition} +\w+", home.run("init").stdout, re.M)
            home.run("init", definition)
        path = home.config / "connectors.d" / "stripe.json5"
        path.write_text("// mine\n")
        assert "is there already" in home.run("init", "stripe", expect=64).stderr
        assert path.read_text() == "// mine\n"
        assert "there is no definition nothing; name one with --definition: " in home.run("init", "nothing", expect=64).stderr
        assert "can't be a connector's name" in home.run("init", "../x", "--definition", "stripe", expect=64).stderr


def without_the_services_credentials():
    """check in a shell looks at everything but the credentials that only the service has, and says so."""
    with Home() as home:
        home.run("init", "stripe")
        said = home.run("check", env={"CREDENTIALS_DIRECTORY": ""}).stdout
        assert "1 credential not looked at, since only the running service sees credentials: stripe\n" in said, said
        assert "$CREDENTIALS_DIRECTORY is not set" in home.run("check", "--connect", expect=78).stderr
        assert "no daemon runs here" in home.run("status").stdout


def proves_each():
    """check --connect tells of each connector whether address and credential are right, and exits 1 if one is not."""
    with Sandbox("--charges", "3") as sandbox, Home() as home:
        home.connector("good", apis.stripe(sandbox, ["charges"]))
        home.connector("books", apis.erp(sandbox, {"customers": apis.odata_stream("Customers")}))
        assert home.run("check", "--connect").stdout.count(": ok, ") == 2
        home.connector("denied", apis.stripe(sandbox, ["charges"], api_key={"env": "WRONG"}))
        home.connector("gone", apis.stripe(sandbox, ["charges"], base_url=f"http://127.0.0.1:{free_port()}"))
        done = home.run("check", "--connect", expect=1, env={"WRONG": "sk_wrong"})
        assert re.search(r"^denied: failed: .*status 401.*; check the credential", done.stdout, re.M), done.stdout
        assert re.search(r"^gone: failed: .*", done.stdout, re.M) and "sk_wrong" not in done.stdout, done.stdout
        assert home.run("check", "--connect", "good", env={"WRONG": "sk_wrong"}).stdout.startswith("good: ok")
        assert "did you mean good?" in home.run("check", "--connect", "goodd", expect=64, env={"WRONG": "w"}).stderr
        assert not home.state.exists(), "a check writes no state"


if __name__ == "__main__":
    main([says_what_to_mend, adyen_before_its_key, from_nothing_to_a_sync, leaves_what_is_there, without_the_services_credentials, proves_each])
