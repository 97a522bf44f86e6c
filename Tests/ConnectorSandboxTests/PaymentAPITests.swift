import ConnectorCore
import HTTPListener
import Testing

@testable import ConnectorSandbox

struct PaymentAPITests {
    @Test func `a walk with starting_after sees every record once, newest first`() throws {
        let sandbox = try SandboxFixture.payment(["--charges", "250"])
        var seen: [String] = []
        var query = "?limit=100"
        while true {
            let page = sandbox.get("/v1/charges" + query)
            seen += page.ids()
            let times = (page.json["data"]?.elements ?? []).compactMap { $0["created"]?.int }
            #expect(times == times.sorted(by: >))
            guard page.json["has_more"] == .bool(true), let last = seen.last else { break }
            query = "?limit=100&starting_after=\(last)"
        }
        #expect(seen == sandbox.dump("charges").reversed())
        #expect(seen.count == 250)
    }

    @Test(arguments: [("", 10), ("?limit=3", 3), ("?limit=100", 100), ("?limit=1000", 100)])
    func `limit defaults to ten and is capped in silence`(query: String, count: Int) throws {
        let sandbox = try SandboxFixture.payment(["--charges", "120"])
        #expect(sandbox.get("/v1/charges" + query).ids().count == count)
    }

    @Test(arguments: ["?limit=0", "?limit=abc", "?starting_after=ch_none"])
    func `bad parameters are refused`(query: String) throws {
        #expect(try SandboxFixture.payment().get("/v1/charges" + query).status == 400)
    }

    @Test func `an unknown anchor is named as missing`() throws {
        let answer = try SandboxFixture.payment().get("/v1/charges?starting_after=ch_none")
        #expect(answer.json["error"]?["code"]?.text == "resource_missing")
    }

    @Test func `ending_before gives the page before, in the same order`() throws {
        let sandbox = try SandboxFixture.payment()
        let first = sandbox.get("/v1/charges?limit=10").ids()
        #expect(sandbox.get("/v1/charges?limit=3&ending_before=\(first[5])").ids() == Array(first[2...4]))
        let start = sandbox.get("/v1/charges?limit=9&ending_before=\(first[2])")
        #expect(start.ids() == Array(first[..<2]))
        #expect(start.json["has_more"] == .bool(false))
    }

    @Test func `created bounds are inclusive or not, as named`() throws {
        let sandbox = try SandboxFixture.payment(["--charges", "60"])
        let all = (sandbox.get("/v1/charges?limit=100").json["data"]?.elements ?? []).compactMap { $0["created"]?.int }
        let middle = all[30]
        for (name, holds) in [
            ("gte", { $0 >= middle }), ("gt", { $0 > middle }), ("lte", { $0 <= middle }), ("lt", { $0 < middle }),
        ] as [(String, (Int) -> Bool)] {
            let page = sandbox.get("/v1/charges?limit=100&created%5B\(name)%5D=\(middle)")
            #expect(page.ids().count == all.filter(holds).count, "\(name)")
        }
    }

    @Test func `some records share their second`() throws {
        let page = try SandboxFixture.payment().get("/v1/charges?limit=100")
        let times = (page.json["data"]?.elements ?? []).compactMap { $0["created"]?.int }
        #expect(Set(times).count < times.count)
    }

    @Test(arguments: [TransportHeaders(), ["Authorization": "Bearer wrong"], ["Authorization": "Digest x"]])
    func `a wrong key is refused`(headers: TransportHeaders) throws {
        #expect(try SandboxFixture.payment().send("GET", "/v1/charges", headers: headers).status == 401)
    }

    @Test func `the key is taken as Basic user name too`() throws {
        let headers: TransportHeaders = ["Authorization": "Basic c2tfdGVzdF9zYW5kYm94Og=="]
        #expect(try SandboxFixture.payment().send("GET", "/v1/balance", headers: headers).status == 200)
    }

    @Test func `the same seed writes the same bytes, another does not`() throws {
        let first = try SandboxFixture.payment().get("/_sandbox/dump/charges").body
        #expect(try SandboxFixture.payment().get("/_sandbox/dump/charges").body == first)
        #expect(try SandboxFixture.payment(["--seed=2"]).get("/_sandbox/dump/charges").body != first)
    }

    @Test func `a charge is pretty-printed and about as large as the real one`() throws {
        let sandbox = try SandboxFixture.payment()
        let id = try #require(sandbox.dump("charges").first)
        let charge = sandbox.get("/v1/charges/\(id)").body
        #expect((2000...3500).contains(charge.count))
        #expect(charge.starts(with: "{\n  \"id\": ".utf8))
        let text = String(decoding: charge, as: UTF8.self)
        for part in ["1.50E+2", "0.1000000000000000055", "12.10", "caf\\u00e9 \\/", "\"sequence\": 90071"] {
            #expect(text.contains(part))
        }
    }

    @Test func `a refund without an amount gives back what is left, and no more is ever given`() throws {
        let sandbox = try SandboxFixture.payment()
        let made = sandbox.send("POST", "/v1/charges", "amount=1000&currency=chf&source=tok_1")
        let id = try #require(made.json["id"]?.text)
        #expect(sandbox.send("POST", "/v1/refunds", "charge=\(id)&amount=300").json["currency"]?.text == "chf")
        for (form, code) in [("&amount=701", "amount_too_large"), ("&amount=0", "parameter_invalid")] {
            let refused = sandbox.send("POST", "/v1/refunds", "charge=\(id)\(form)")
            #expect(refused.status == 400 && refused.json["error"]?["code"]?.text == code)
        }
        #expect(sandbox.send("POST", "/v1/refunds", "charge=\(id)").json["amount"]?.int == 700)
        let none = sandbox.send("POST", "/v1/refunds", "charge=\(id)")
        #expect(none.status == 400 && none.json["error"]?["code"]?.text == "charge_already_refunded")
        let charge = sandbox.get("/v1/charges/\(id)").json
        #expect(charge["amount_refunded"]?.int == 1000 && charge["refunded"] == .bool(true))
    }

    @Test func `a source that says so is declined, and nothing is stored`() throws {
        let sandbox = try SandboxFixture.payment()
        let before = sandbox.dump("charges").count
        for source in ["tok_declined", "tok_chargeDeclinedInsufficientFunds"] {
            let refused = sandbox.send("POST", "/v1/charges", "amount=100&currency=chf&source=\(source)")
            #expect(refused.status == 402 && refused.json["error"]?["code"]?.text == "card_declined")
        }
        #expect(sandbox.dump("charges").count == before)
    }

    @Test func `a card is shown without its number, and a subscription's period has a length`() throws {
        let sandbox = try SandboxFixture.payment()
        let card = "card%5Bnumber%5D=5555555555554444&card%5Bexp_month%5D=7&card%5Bexp_year%5D=2031&card%5Bcvc%5D=123"
        let method = sandbox.send("POST", "/v1/payment_methods", "type=card&\(card)").json
        #expect(method["card"]?["last4"]?.text == "4444" && method["card"]?["brand"]?.text == "mastercard")
        #expect(method["card"]?["number"] == nil && method["card"]?["cvc"] == nil)
        #expect(method["card"]?["exp_year"]?.int == 2031)
        let form = "customer=cus_1&items%5B0%5D%5Bprice%5D=price_9&items%5B0%5D%5Bquantity%5D=2"
        let subscription = sandbox.send("POST", "/v1/subscriptions", form).json
        let start = try #require(subscription["current_period_start"]?.int)
        #expect(subscription["current_period_end"]?.int == start + 30 * 86_400)
        #expect(subscription["items"]?["data"] == [["quantity": 2, "price": ["id": "price_9"]]])
    }

    @Test func `a refund changes its charge without moving created, and events tell`() throws {
        let sandbox = try SandboxFixture.payment()
        let id = try #require(sandbox.dump("charges").last)
        let before = sandbox.get("/v1/charges/\(id)").json
        let answer = sandbox.send("POST", "/v1/refunds", "charge=\(id)&amount=7&metadata%5Bwhy%5D=a+b")
        #expect(answer.status == 200)
        #expect(answer.json["metadata"]?["why"]?.text == "a b")
        let after = sandbox.get("/v1/charges/\(id)").json
        #expect(after["amount_refunded"]?.int == (before["amount_refunded"]?.int ?? 0) + 7)
        #expect(after["created"] == before["created"])
        let types = (sandbox.get("/v1/events").json["data"]?.elements ?? []).compactMap { $0["type"]?.text }
        #expect(types == ["refund.created", "charge.refunded"])
    }

    @Test func `customers are created, changed and deleted`() throws {
        let sandbox = try SandboxFixture.payment()
        let id = try #require(sandbox.send("POST", "/v1/customers", "name=Zo%C3%AB").json["id"]?.text)
        #expect(sandbox.get("/v1/customers?limit=1").ids() == [id])
        #expect(sandbox.send("POST", "/v1/customers/\(id)", "email=a@b.c").json["name"]?.text == "Zoë")
        #expect(sandbox.send("DELETE", "/v1/customers/\(id)").json["deleted"] == .bool(true))
        #expect(sandbox.get("/v1/customers/\(id)").json["deleted"] == .bool(true))
        #expect(sandbox.get("/v1/customers?limit=1").ids() != [id])
    }

    @Test func `an idempotency key replays the answer, and refuses another body`() throws {
        let sandbox = try SandboxFixture.payment()
        var headers = SandboxFixture.bearer
        headers["Idempotency-Key"] = "k1"
        let first = sandbox.send("POST", "/v1/customers", "name=A", headers: headers)
        let second = sandbox.send("POST", "/v1/customers", "name=A", headers: headers)
        #expect(first.body == second.body)
        #expect(second.headers["Idempotent-Replayed"] == "true")
        let other = sandbox.send("POST", "/v1/customers", "name=B", headers: headers)
        #expect(other.status == 400)
        #expect(other.json["error"]?["type"]?.text == "idempotency_error")
        #expect(sandbox.dump("customers").count == 9)
    }
}
