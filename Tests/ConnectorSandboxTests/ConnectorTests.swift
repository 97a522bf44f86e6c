import AITBCConnectors
import ConnectorCore
import CurlTransport
import HTTPListener
import Testing

@testable import ConnectorSandbox

/// The SDK's connectors against the sandbox, over real sockets: the sandbox counts.
struct ConnectorTests {
    /// A sandbox with little data, for as long as `work` takes.
    private static func withSandbox(_ work: (Sandbox, CurlTransport) async throws -> Void) async throws {
        let sandbox = try Sandbox(try SandboxArguments(["--customers=4", "--charges=4", "--orders=4", "--items=4"]))
        let transport = try CurlTransport()
        do {
            try await work(sandbox, transport)
        } catch {
            Issue.record(error)
        }
        await transport.shutdown()
        await sandbox.stop()
    }

    private static func stripe(_ sandbox: Sandbox, _ transport: CurlTransport) throws -> StripeConnector {
        try StripeConnector(
            apiKey: Secret("sk_test_sandbox"),
            settings: [
                "base_url": .string("http://127.0.0.1:\(sandbox.payment.port)"), "retry_backoff": "1ms",
                "timeout": "5m", "total_timeout": "10m",
                "rate_limit": 10_000,
            ],
            transport: transport
        )
    }

    private static func control(
        _ port: UInt16,
        _ transport: CurlTransport,
        _ path: String,
        _ body: String? = nil
    ) async throws -> String {
        let request = TransportRequest(
            method: body == nil ? "GET" : "POST",
            url: "http://127.0.0.1:\(port)/_sandbox/\(path)",
            body: body.map { Array($0.utf8) }
        )
        return String(decoding: try await transport.send(request).body, as: UTF8.self)
    }

    /// Records of a collection that bear a mark.
    private static func count(_ name: String, _ mark: String, _ port: UInt16, _ transport: CurlTransport) async throws
        -> Int
    {
        try await control(port, transport, "dump/\(name)").split(separator: "\n").filter { $0.contains(mark) }.count
    }

    /// The charge is made, its answer lost: `hang_up` sends nothing, `reset` a part.
    @Test(arguments: [
        #"{"kind":"reset","match":"/v1/charges","method":"POST","after_bytes":-1,"times":2}"#,
        #"{"kind":"reset","match":"/v1/charges","method":"POST","after_bytes":20,"times":1}"#,
        #"{"kind":"short","match":"/v1/charges","method":"POST","after_bytes":20,"times":2}"#,
        #"{"kind":"503","match":"/v1/charges","method":"POST","apply":true,"times":2}"#,
    ])
    func `a charge whose answer is lost is made once`(fault: String) async throws {
        try await Self.withSandbox { sandbox, transport in
            let port = sandbox.payment.port
            _ = try await Self.control(port, transport, "faults", fault)
            let charge = try await Self.stripe(sandbox, transport).createCharge(
                amount: 1999,
                currency: "chf",
                source: "tok_visa",
                description: "once-only"
            )
            #expect(charge.amount == 1999)
            #expect(try await Self.count("charges", "once-only", port, transport) == 1)
            let served = try await Self.control(port, transport, "served")
            #expect(served.split(separator: "\"POST\"").count > 2, "the fault did not strike: \(served)")
        }
    }

    /// The same as above where the API knows no keys: what the server did may not be done again.
    @Test func `a write without a key is sent once, whatever becomes of its answer`() async throws {
        try await Self.withSandbox { sandbox, transport in
            let port = sandbox.payment.port
            let engine = try ConnectorEngine(
                name: "shop",
                definition:
                    #"{ operations: { add: { path: "/v1/charges", body: "form", fields: "${data}" } } }"#,
                settings: [
                    "base_url": .string("http://127.0.0.1:\(port)"), "api_key": "sk_test_sandbox",
                    "retry_backoff": "1ms", "timeout": "5m", "total_timeout": "10m",
                ],
                transport: transport
            )
            let connector = DefinedPaymentConnector(engine)
            for kind in [#""reset","after_bytes":-1"#, #""short","after_bytes":10"#, #""500","apply":true"#] {
                let fault = #"{"kind":\#(kind),"match":"/v1/charges","method":"POST","times":1}"#
                _ = try await Self.control(port, transport, "faults", fault)
                let data: JSONValue = ["amount": 5, "currency": "chf", "description": .string("mark" + kind)]
                let result = await connector.executeOperation("add", data: data)
                #expect(!result.success)
            }
            #expect(try await Self.count("charges", "mark", port, transport) == 3)
        }
    }

    @Test func `the same key makes one charge, and is an error with other data`() async throws {
        try await Self.withSandbox { sandbox, transport in
            let stripe = try Self.stripe(sandbox, transport)
            func charge(_ amount: Int) async throws -> Charge {
                try await stripe.createCharge(
                    amount: amount,
                    currency: "chf",
                    source: "tok_visa",
                    description: "keyed",
                    idempotencyKey: "order-7"
                )
            }
            let first = try await charge(100)
            #expect(try await charge(100) == first)
            let error = await #expect(throws: PaymentError.self) { try await charge(200) }
            #expect(error?.statusCode == 400)
            #expect(error?.message.contains("same parameters") == true)
            #expect(try await Self.count("charges", "keyed", sandbox.payment.port, transport) == 1)
        }
    }

    @Test func `refunds, partial and whole, show in the charge's status`() async throws {
        try await Self.withSandbox { sandbox, transport in
            let stripe = try Self.stripe(sandbox, transport)
            let charge = try await stripe.createCharge(amount: 1000, currency: "chf", source: "tok_visa")
            #expect(charge.status == .succeeded)
            let part = try await stripe.createRefund(charge: charge.id, amount: 300)
            #expect(part.amount == 300)
            #expect(part.chargeID == charge.id)
            let rest = try await stripe.createRefund(charge: charge.id, amount: 700, reason: "duplicate")
            #expect(rest.status == .succeeded)
            let dump = try await Self.control(sandbox.payment.port, transport, "dump/charges")
            #expect(dump.contains("\"amount_refunded\":1000"))
        }
    }

    @Test func `hundreds of charges at once are all made, each once`() async throws {
        try await Self.withSandbox { sandbox, transport in
            let stripe = try Self.stripe(sandbox, transport)
            // Few in a row: many would open the circuit breaker, which is another test's.
            for after in [5, 60, 130] {
                let fault =
                    #"{"kind":"reset","match":"/v1/charges","method":"POST","after_bytes":-1,"times":2,"after":"#
                _ = try await Self.control(sandbox.payment.port, transport, "faults", fault + "\(after)}")
            }
            let operations = (0..<200).map { number in
                BatchOperation(
                    "create_charge",
                    data: [
                        "amount": .number(String(number + 1)), "currency": "chf", "source": "tok_visa",
                        "description": "many",
                    ]
                )
            }
            let results = await stripe.batchExecute(operations)
            #expect(results.map { $0.data["amount"]?.int64 } == (1...200).map { Int64($0) })
            #expect(try await Self.count("charges", "many", sandbox.payment.port, transport) == 200)
        }
    }

    @Test func `OData makes, changes and removes a customer under its tag`() async throws {
        try await Self.withSandbox { sandbox, transport in
            let odata = try ODataConnector(
                baseURL: "http://127.0.0.1:\(sandbox.erp.port)/odata",
                settings: ["api_key": "sk_test_sandbox", "streams": ["Customers": ["path": "/Customers"]]],
                transport: transport
            )
            let made = try await odata.createEntity("Customers", data: ["name": "Łódź & Söhne"])
            let id = try #require(made.data["id"])
            let tag = try #require(made.data["etag"])
            let changed = try await odata.updateEntity("Customers", data: ["id": id, "etag": tag, "name": "Zwei"])
            #expect(changed.data["name"] == "Zwei")
            #expect(changed.data["etag"] != tag)
            // Somebody still holds the old tag.
            let error = await #expect(throws: ERPError.self) {
                try await odata.updateEntity("Customers", data: ["id": id, "etag": tag, "name": "Drei"])
            }
            #expect(error?.statusCode == 412)
            let result = try await odata.syncData("Customers")
            #expect(result.syncedCount == 5)
            #expect(result.failedCount == 0)
            #expect(try await odata.deleteEntity("Customers", data: ["id": id]).success)
            #expect(try await Self.count("Customers", "Zwei", sandbox.erp.port, transport) == 0)
        }
    }
}
