#!/usr/bin/env python3
"""Answers of the vendors' own specifications, documentation and SDK tests, read by the shipped definitions: records found,
keys and cursor values read, the next position found, errors understood. They are no part of the project."""
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from connectord import Home, Skip, main

FOLDER = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "vendors" / "examples"

SECRETS = {"client_id": "id", "client_secret": "secret", "refresh_token": "token"}
CONNECTORS = {
    "stripe": {"api_key": "k"},
    "chargebee": {"api_key": "k", "settings": {"site": "acme"}},
    "quickbooks": {"auth_config": SECRETS, "settings": {"realm": "1"}},
    "salesforce": {"auth_config": {k: v for k, v in SECRETS.items() if k[0] == "c"}, "settings": {"domain": "acme"}},
    "xero": {"auth_config": {k: v for k, v in SECRETS.items() if k[0] == "c"}, "settings": {"tenant": "t"},
             "webhook": {"secret": "k"}},
    "business-central": {"auth_config": {k: v for k, v in SECRETS.items() if k[0] == "c"},
                         "settings": {"tenant": "t", "company": "c"}},
    "dynamics-fo": {"auth_config": {k: v for k, v in SECRETS.items() if k[0] == "c"},
                    "settings": {"tenant": "t", "organization": "org"}},
    "shopify": {"api_key": "k", "settings": {"shop": "acme"}},
}


def file(name):
    return json.loads((FOLDER / name).read_text())


def listed(path, key):
    """The keys of a list, found without our code."""
    def found(body):
        for step in path:
            body = body[step]
        keys = [[record[k] for k in key] if isinstance(key, list) else record[key] for record in body]
        return {"records": keys}
    return found


# File of the vendor; what of it is looked at; what must come of it.
CASES = [
    ("chargebee/shape_customers_page.json", {"stream": "customers"},
     lambda body: {"records": [e["customer"]["id"] for e in body["list"]], "next": {"token": body["next_offset"]}}),
    ("chargebee/shape_error_429.json", {"stream": "customers", "status": 429}, {"failure": "throttled"}),
    ("d365fo/shape_customers_page.json", {"stream": "customers"},
     lambda body: {"records": [[r["dataAreaId"], r["CustomerAccount"]] for r in body["value"]],
                   "next": {"link": body["@odata.nextLink"]}}),
    ("quickbooks/shape_query_empty.json", {"stream": "invoices"}, {"records": [], "next": "end"}),
    ("quickbooks/shape_query_invoices.json", {"stream": "invoices"},
     lambda body: {"records": [r["Id"] for r in body["QueryResponse"]["Invoice"]],
                   "cursor": max(r["MetaData"]["LastUpdatedTime"] for r in body["QueryResponse"]["Invoice"])}),
    ("quickbooks/shape_fault_400.json", {"stream": "invoices", "status": 400}, {"failure": "refused"}),
    ("quickbooks/shape_fault_400.json", {"stream": "invoices"}, {"failure": "refused"}),
    ("quickbooks/shape_fault_401.json", {"stream": "invoices", "status": 401}, {"failure": "credentials"}),
    ("salesforce/query_empty_response.json", {"stream": "accounts"}, {"records": [], "next": "end"}),
    ("salesforce/expired_session_response.json", {"stream": "accounts", "status": 401}, {"failure": "credentials"}),
    ("salesforce/auth_error_response.json", {"stream": "accounts", "status": 400}, {"failure": "credentials"}),
    ("salesforce/refresh_error_response.json", {"stream": "accounts", "status": 400}, {"failure": "credentials"}),
    ("salesforce/shape_error_limit_403.json", {"stream": "accounts", "status": 403}, {"failure": "throttled"}),
    ("salesforce/delete_error_response.json", {"operation": "delete_Account", "data": {"id": "1"}, "status": 404},
     {"failure": "NOT_FOUND"}),
    # Their records have no Id: a connector that names none would say so.
    ("salesforce/query_paginated_first_page_response.json", {"stream": "accounts"}, {"failure": "bad_answer"}),
    ("salesforce/query_paginated_last_page_response.json", {"stream": "accounts"}, {"failure": "bad_answer"}),
    ("shopify/shape_graphql_throttled.json", {"stream": "orders"}, {"failure": "throttled"}),
    ("xero/accounts_list.json", {"stream": "accounts", "next": "end"}, listed(["Accounts"], "AccountID")),
    ("xero/banktransactions_list.json", {"stream": "bank_transactions", "next": "end"},
     listed(["BankTransactions"], "BankTransactionID")),
    ("xero/contacts_list.json", {"stream": "contacts", "next": "end"}, listed(["Contacts"], "ContactID")),
    ("xero/creditnotes_list.json", {"stream": "credit_notes", "next": "end"}, listed(["CreditNotes"], "CreditNoteID")),
    ("xero/manualjournals_list.json", {"stream": "manual_journals", "next": "end"},
     listed(["ManualJournals"], "ManualJournalID")),
    ("xero/overpayments_list.json", {"stream": "overpayments", "next": "end"}, listed(["Overpayments"], "OverpaymentID")),
    ("xero/payments_list.json", {"stream": "payments", "next": "end"}, listed(["Payments"], "PaymentID")),
    ("xero/taxrates_list.json", {"stream": "tax_rates", "next": "end"}, listed(["TaxRates"], "Name")),
    ("xero/webhook_credit_note.json", {"event": True}, {"does": [{"sync": ["credit_notes"]}]}),
    *[(f"business_central/{name}.json", {"stream": stream, "within": ["value"]}, listed(["value"], "id"))
      for name, stream in [("account", "accounts"), ("generalledgerentry", "general_ledger_entries"),
                           ("purchaseinvoice", "purchase_invoices"), ("salescreditmemo", "sales_credit_memos"),
                           ("salesorder", "sales_orders"), ("vendor", "vendors")]],
    *[(f"stripe/{name}.json", {"stream": stream, "within": ["data"]}, listed(["data"], "id"))
      for name, stream in [("charge", "charges"), ("refund", "refunds"), ("customer", "customers"), ("invoice", "invoices"),
                           ("subscription", "subscriptions"), ("price", "prices"), ("payout", "payouts"),
                           ("balance_transaction", "balance_transactions"), ("event", "events")]],
]
SYSTEMS = {"d365fo": "dynamics-fo", "business_central": "business-central"}


def example(name, about, expected):
    body = file(name)
    for step in reversed(about.get("within", [])):
        body = {step: [body]}
    if about.get("event"):
        return {"event": {"body": body}, **expected}
    wanted = expected(body) if callable(expected) else expected
    answer = {"status": about.get("status", 200), "body": body}
    subject = {k: v for k, v in about.items() if k in ("stream", "operation", "data", "next")}
    return {**subject, "answer": answer, **wanted}


def answers_of_vendors():
    """Every one is read as it should be, and told by name where it isn't."""
    if not FOLDER.is_dir():
        raise Skip("no examples here")
    by_system = collections.defaultdict(dict)
    for number, (name, about, expected) in enumerate(CASES):
        system = name.split("/")[0]
        by_system[SYSTEMS.get(system, system)][f"{name} {number}"] = example(name, about, expected)
    with Home() as home:
        for system, examples in by_system.items():
            folder = home.config / "examples" / system
            folder.mkdir(parents=True)
            (folder / "vendor.json5").write_text(json.dumps({"connector": CONNECTORS[system], "examples": examples}))
        said = home.run("check", "--examples", expect=None)
        assert said.returncode == 0, said.stderr
        for system, examples in sorted(by_system.items()):
            print(f"  {system}: {len(examples)} of the vendor's answers")


if __name__ == "__main__":
    main([answers_of_vendors])
