import ConnectorConfiguration
import ConnectorCore
import Testing

struct OperationRequestTests {
    @Test func `a form flattens objects and leaves out what is absent`() throws {
        let data: JSONValue = [
            "amount": 1999, "currency": "chf", "source": "tok_visa", "metadata": ["order id": "7&8", "a": ["b": true]],
        ]
        let charge = try OperationFixture.stripe("create_charge")
        let request = try charge.request(data, key: "k-1")
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == "amount=1999&currency=chf&source=tok_visa&metadata[order%20id]=7%268&metadata[a][b]=true"
        )
        #expect(request.method == "POST")
        #expect(request.url == "https://api.stripe.com/v1/charges")
        #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["Idempotency-Key"] == "k-1")
        #expect(request.headers["Stripe-Version"] == "2024-06-20")
        #expect(try charge.request(data).headers["Idempotency-Key"] == nil)
    }

    @Test(
        arguments: [
            (["a": nil], "a="), (["a": [1, [2], ["b": "x"]]], "a[0]=1&a[1][0]=2&a[2][b]=x"), (["a": []], ""), ([:], ""),
            (["a[b]": "é+ ~"], "a%5Bb%5D=%C3%A9%2B%20~"), (["a": .number("10.50")], "a=10.50"),
            (["a": false], "a=false"),
        ] as [(JSONValue, String)]
    )
    func `a form writes every kind of value`(value: JSONValue, text: String) {
        #expect(FormText.text(value) == text)
    }

    @Test func `a form numbers its lists`() throws {
        let subscription = try OperationFixture.stripe("create_subscription")
        #expect(
            try subscription.body(["customer": "cus_1", "items": [["price": "p1", "quantity": 2], ["price": "p2"]]])
                == "customer=cus_1&items[0][price]=p1&items[0][quantity]=2&items[1][price]=p2"
        )
    }

    @Test(arguments: [(true, nil), (false, "cancel_subscription_now")] as [(JSONValue, String?)])
    func `data choose a variant`(atPeriodEnd: JSONValue, variant: String?) throws {
        let cancel = try OperationFixture.stripe("cancel_subscription")
        #expect(try cancel.operation().variant(for: ["at_period_end": atPeriodEnd]) == variant)
        #expect(try cancel.operation().variant(for: [:]) == nil)
        let now = try OperationFixture.stripe("cancel_subscription_now").request(["subscription": "sub_1"])
        #expect(now.method == "DELETE")
        #expect(now.body == nil)
        #expect(now.url == "https://api.stripe.com/v1/subscriptions/sub_1")
    }

    @Test func `an idempotency key may stand in the body or the query, and never comes from the data`() throws {
        let pay = try OperationFixture(
            "{ path: \"/pay\", query: { requestid: \"${idempotency_key}\" }, fields: { idempotency_key: \"${idempotency_key}\", "
                + "amount: \"${amount}\" }, other_fields: \"send\" }"
        )
        #expect(try pay.operation().bearsKey)
        let request = try pay.request(["amount": 5], key: "k-1")
        #expect(request.url.hasSuffix("/pay?requestid=k-1"))
        #expect(try JSONValue(parsing: request.body ?? []) == ["idempotency_key": "k-1", "amount": 5])
        #expect(try JSONValue(parsing: pay.request(["amount": 5]).body ?? []) == ["amount": 5])
        let mistake = #expect(throws: OperationRequest.Mistake.self) {
            try pay.request(["amount": 5, "idempotency_key": "mine"], key: "k-1")
        }
        #expect(mistake?.fields == ["idempotency_key"])
    }

    @Test func `values in a path are escaped, and missing ones are named`() throws {
        let go = try OperationFixture("{ method: \"GET\", path: \"/things/${id}\", query: { q: \"${q}\", r: \"1\" } }")
        #expect(try go.request(["id": "a/../b?c"]).url == "https://a.example/api/things/a%2F..%2Fb%3Fc?r=1")
        #expect(try go.request(["id": 7, "q": "x&y"]).url == "https://a.example/api/things/7?q=x%26y&r=1")
        for data in [[:], ["id": ""], ["id": nil]] as [JSONValue] {
            let mistake = #expect(throws: OperationRequest.Mistake.self) { try go.request(data) }
            #expect(mistake?.fields == ["id"])
        }
    }

    @Test func `a JSON body keeps types and drops what is absent`() throws {
        let go = try OperationFixture("{ path: \"/a\", fields: { n: \"${a}\", l: [\"${x}\", 1], t: \"<${a}>\" } }")
        #expect(try go.body(["a": .number("12345678901234567890.10")]).contains("\"n\":12345678901234567890.10,"))
        #expect(try go.body(["a": 5]) == #"{"n":5,"l":[1],"t":"<5>"}"#)
        #expect(try go.request(["a": 5]).headers["Content-Type"] == "application/json")
    }

    @Test(
        arguments: [
            ("{ path: \"/a\", fields: { a: \"${a}\" } }", ["a": 1, "b": 2], ["b"]),
            ("{ path: \"/a\" }", ["a": 1], ["a"]),
            ("{ method: \"GET\", path: \"/a\", other_fields: \"send\" }", ["a": 1], ["a"]),
            ("{ path: \"/a\", template: \"<a>${a}</a>\" }", ["a": 1, "c": 2, "d": 3], ["c", "d"]),
        ] as [(String, JSONValue, [String])]
    )
    func `fields that would be dropped in silence are refused`(text: String, data: JSONValue, fields: [String]) throws {
        let go = try OperationFixture(text)
        let mistake = #expect(throws: OperationRequest.Mistake.self) { try go.request(data) }
        #expect(mistake?.kind == .unknown)
        #expect(mistake?.fields == fields)
    }

    @Test func `other fields go along where the definition says so`() throws {
        let charge = try OperationFixture.stripe("create_charge")
        #expect(
            try charge.body([
                "amount": 5, "currency": "chf", "source": "t", "capture": false, "shipping": ["name": "A"],
            ])
                == "amount=5&currency=chf&source=t&capture=false&shipping[name]=A"
        )
    }

    @Test func `XML values are escaped, absent ones empty`() throws {
        let go = try OperationFixture(
            "{ path: \"/soap\", headers: { SOAPAction: \"urn:add\" }, template: \"<a n='${n}'>${t}</a>\" }"
        )
        let request = try go.request(["t": "<b>&\"'\u{1}\u{FFFE}é"])
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self) == "<a n=''>&lt;b&gt;&amp;&quot;&apos;é</a>"
        )
        #expect(request.headers["Content-Type"] == "text/xml; charset=utf-8")
        #expect(request.headers["SOAPAction"] == "urn:add")
        #expect(request.headers["Accept"] == "text/xml")
    }

    @Test(
        arguments: [
            (7, "(7)"), ("O'Hara", "(%27O%27%27Hara%27)"),
            ("6F9619FF-8B86-D011-B42D-00C04FC964FF", "(6F9619FF-8B86-D011-B42D-00C04FC964FF)"),
            ("C-0001", "(%27C-0001%27)"),
        ] as [(JSONValue, String)]
    )
    func `OData writes keys as literals and changes under the entity's tag`(id: JSONValue, key: String) throws {
        let update = try OperationFixture.odata("update_entity")
        let data: JSONValue = ["entity_type": "Customers", "id": id, "etag": "W/\"1\"", "name": "x"]
        let request = try update.request(data)
        #expect(request.method == "PATCH")
        #expect(request.url == "https://erp.example/odata/Customers" + key)
        #expect(request.headers["If-Match"] == "W/\"1\"")
        #expect(String(decoding: request.body ?? [], as: UTF8.self) == "{\"name\":\"x\"}")
        #expect(try update.request(["entity_type": "C", "id": id]).headers["If-Match"] == "*")
    }

    @Test func `data under the model's names is sent under the API's`() throws {
        let create = try OperationFixture.tryton("create_customer")
        #expect(
            try create.body(["name": "Acme", "number": "7", "active": true, "updated_at": "x", "lang": 1])
                == #"{"id":1,"method":"model.party.party.create","params":[[{"name":"Acme","code":"7","active":true,"lang":1}],{}]}"#
        )
        let update = try OperationFixture.tryton("update_customer")
        #expect(
            try update.body(["id": 7, "number": "8"])
                == #"{"id":1,"method":"model.party.party.write","params":[[7],{"code":"8"},{}]}"#
        )
    }

    @Test func `Tryton's calls bear the data without its id`() throws {
        #expect(
            try OperationFixture.tryton("create_party").body(["name": "Acme"])
                == #"{"id":1,"method":"model.party.party.create","params":[[{"name":"Acme"}],{}]}"#
        )
        #expect(
            try OperationFixture.tryton("update_party").body(["id": 7, "name": "Acme"])
                == #"{"id":1,"method":"model.party.party.write","params":[[7],{"name":"Acme"},{}]}"#
        )
        #expect(
            try OperationFixture.tryton("delete_party").body(["id": 7])
                == #"{"id":1,"method":"model.party.party.delete","params":[[7],{}]}"#
        )
    }
}
