"""Fills a running Tryton over HTTP: 600 parties, and unless only parties are wanted, products, invoices and sales.

usage: seed.py PORT [parties]     under the Python that has Tryton: its own client makes the chart of accounts.
"""
import base64
import datetime
import json
import sys
import urllib.request
from decimal import Decimal

PARTIES, AT_ONCE = 600, 100
URL = f"http://127.0.0.1:{sys.argv[1]}/erp/rpc/"


def post(method, *parameters, headers={}):
    request = urllib.request.Request(URL, json.dumps({"id": 1, "method": method, "params": list(parameters)}).encode())
    for name, value in {"Content-Type": "application/json", **headers}.items():
        request.add_header(name, value)
    with urllib.request.urlopen(request) as answer:
        content = json.loads(answer.read())
    if "error" in content:
        raise SystemExit(f"{method}: {str(content['error'])[:400]}")
    return content["result"]


def party(number):
    return {
        "name": f"Gęślą Jaźń {number:04d}" if number % 11 == 0 else f"Party {number:04d}",
        "addresses": [["create", [{"street": f"{number} Main St", "city": "Liège"}]]],
        "contact_mechanisms": [["create", [{"type": "email", "value": f"party{number:04d}@example.com"}]]],
    }


user, token, _ = post("common.db.login", "admin", {"password": "admin-pw-1"}, "en")
# A session: with a password, every call would pay for its slow hash.
session = "Session " + base64.b64encode(f"admin:{user}:{token}".encode()).decode()
parties = []
# Records of one call share a transaction, and so one timestamp.
for start in range(0, PARTIES, AT_ONCE):
    made = [party(number) for number in range(start, start + AT_ONCE)]
    parties += post("model.party.party.create", made, {}, headers={"Authorization": session})
if "parties" in sys.argv:
    sys.exit()

from proteus import Model, config  # noqa: E402
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts  # noqa: E402
from trytond.modules.account_invoice.tests.tools import (  # noqa: E402
    create_payment_term, set_fiscalyear_invoice_sequences,
)
from trytond.modules.company.tests.tools import create_company  # noqa: E402

config.set_xmlrpc(URL, headers=[("Authorization", session)])
create_company()
create_chart()
set_fiscalyear_invoice_sequences(create_fiscalyear()).click("create_period")
accounts = get_accounts()
category = Model.get("product.category")(name="Goods", accounting=True)
category.account_expense, category.account_revenue = accounts["expense"], accounts["revenue"]
category.save()
unit, = Model.get("product.uom").find([("name", "=", "Unit")])
products = []
for number in range(40):
    template = Model.get("product.template")(name=f"Product {number:03d}", type="goods" if number % 2 else "service")
    template.default_uom, template.salable = unit, True
    template.list_price, template.account_category = Decimal("10.25") + number, category
    template.save()
    products.append(template.products[0])
term = create_payment_term()
term.save()
Party, Invoice, Sale = (Model.get(name) for name in ("party.party", "account.invoice", "sale.sale"))
for number in range(30):
    invoice = Invoice(
        type="out", party=Party(parties[number]), payment_term=term, invoice_date=datetime.date.today(),
    )
    line = invoice.lines.new()
    line.product, line.quantity, line.unit_price = products[number], 1 + number, Decimal("99.9900")
    invoice.save()
    if number % 3:
        invoice.click("post")
for number in range(30):
    sale = Sale(party=Party(parties[100 + number]), payment_term=term)
    line = sale.lines.new()
    line.product, line.quantity = products[number], 2
    sale.save()
    if number % 2:
        sale.click("quote")
    if number % 4 == 1:
        sale.click("confirm")
