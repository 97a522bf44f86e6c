"""Fills a running localstripe through its own HTTP API: customers with cards, charges, refunds, subscriptions, invoices."""

CUSTOMERS = 250


def seed(stripe):
    product = stripe.post("/v1/products", name="Widget", type="service")
    for number in range(8):
        stripe.post("/v1/products", name=f"Part {number} “ł”", type="good")
    for interval in ("month", "year"):
        stripe.post(
            "/v1/plans", id=f"plan-{interval}", product=product["id"], amount=1500, currency="eur", interval=interval,
        )
    for number in range(CUSTOMERS):
        customer(stripe, number)
    for number in range(12):
        stripe.post("/v1/payouts", amount=1000 * (number + 1), currency="eur", description=f"payout {number}", status="paid")


def customer(stripe, number):
    made = stripe.post(
        "/v1/customers", name=f"Customer {number:04d}", email=f"customer{number:04d}@example.com",
        metadata={"erp_id": f"C{number:04d}"}, address={"city": "Łódź" if number % 7 == 0 else "Lyon"},
    )
    if number % 2 == 0:
        card = pay(stripe, made, number)
        if number % 10 == 0:
            order(stripe, made, card, number)
    return made


def pay(stripe, customer, number):
    """A card and a charge on it; every third charge is refunded in part."""
    card = stripe.post(
        "/v1/payment_methods", type="card",
        card={"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"},
    )
    stripe.post(f"/v1/payment_methods/{card['id']}/attach", customer=customer["id"])
    stripe.post(f"/v1/customers/{customer['id']}", invoice_settings={"default_payment_method": card["id"]})
    charge = stripe.post(
        "/v1/charges", amount=1000 + number, currency="eur", customer=customer["id"], source=card["id"],
        description=f"charge {number}", metadata={"n": number},
    )
    if number % 6 == 0:
        stripe.post("/v1/refunds", charge=charge["id"], amount=500, metadata={"why": "test"})
    return card


def order(stripe, customer, card, number):
    stripe.post(
        "/v1/payment_intents", amount=2000 + number, currency="usd", customer=customer["id"], payment_method=card["id"],
        confirm=True,
    )
    stripe.post("/v1/subscriptions", customer=customer["id"], items=[{"plan": "plan-month", "quantity": 2}])
    if number % 20 == 0:
        stripe.post("/v1/invoiceitems", customer=customer["id"], amount=777, currency="eur", description="extra")
        invoice = stripe.post("/v1/invoices", customer=customer["id"])
        stripe.post(f"/v1/invoices/{invoice['id']}/pay")
