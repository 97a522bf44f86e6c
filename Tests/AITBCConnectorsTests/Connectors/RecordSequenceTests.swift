import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// 5,000 charges behind each other, a hundred a page.
private func manyCharges() -> FakeTransport {
    FakeTransport { request, _ in
        let after = request.url.split(separator: "starting_after=ch_").dropFirst().first
        let first = (after.flatMap { Int($0.prefix { $0 != "&" }) } ?? 0) + 1
        let page = (first..<first + 100).map(charge).joined(separator: ",")
        return .success(.json("{\"data\":[\(page)],\"has_more\":\(first < 4_901)}"))
    }
}

private func charge(_ number: Int) -> String {
    """
    {"id":"ch_\(number)","amount":\(number),"currency":"chf","status":"succeeded","created":\(1_800_000_000 - number),\
    "metadata":{}}
    """
}

/// Never answers, but to who stops it.
private struct SilentTransport: HTTPTransport {
    let hasAsked: AsyncStream<Void>
    private let asked: AsyncStream<Void>.Continuation

    init() { (hasAsked, asked) = AsyncStream.makeStream() }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        asked.yield()
        for await _ in AsyncStream<Void>.makeStream().stream {}
        throw TransportError(.cancelled, "the transfer was stopped", mayHaveBeenSent: true)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct RecordSequenceTests {
    private struct Enough: Error {}

    @Test func `who stops after ten of five thousand has asked for one page`() async throws {
        let transport = manyCharges()
        let stripe = try StripeConnector.make(transport)
        var amounts: [Int] = []
        for try await charge in stripe.charges() {
            amounts.append(charge.amount)
            if amounts.count == 10 { break }
        }
        #expect(amounts == Array(1...10))
        #expect(transport.requests.count == 1)
        #expect(stripe.lastSync == nil)
    }

    @Test func `each loop reads anew, with the filter and from the time that it was given`()
        async throws
    {
        let transport = FakeTransport { request, _ in
            let page = request.url.contains("starting_after") ? "" : charge(1)
            return .success(.json("{\"data\":[\(page)],\"has_more\":false}"))
        }
        let stripe = try StripeConnector.make(transport)
        let charges = stripe.charges(createdSince: Instant(seconds: 1_700_000_000), filters: ["customer": "cus_1"])
        for _ in 1...2 {
            var ids: [String] = []
            for try await charge in charges { ids.append(charge.id) }
            #expect(ids == ["ch_1"])
        }
        // One list with a filter is no sync of everything.
        #expect(stripe.lastSync == nil)
        let urls = transport.requests.map(\.url)
        #expect(urls.allSatisfy { $0.contains("customer=cus_1") })
        #expect(urls.first?.contains("created%5Bgte%5D=1699999700") == true, "\(urls)")
    }

    @Test func `a list that can't be read whole ends with an error, behind what came`() async throws {
        let transport = FakeTransport { _, number in
            number == 1
                ? .success(.json("{\"data\":[\(charge(1))],\"has_more\":true}"))
                : .success(.json("{\"error\":{\"message\":\"no more of it\"}}", status: 400))
        }
        let stripe = try StripeConnector.make(transport)
        var records = stripe.records("charges").makeAsyncIterator()
        #expect(try await records.next()?["id"] == "ch_1")
        let error = await #expect(throws: SyncError.self) { try await records.next() }
        #expect(error?.message.contains("no more of it") == true)
        #expect(try await records.next() == nil)
        #expect(stripe.lastSync == nil)
    }

    @Test func `a list that there is not is said by the first record`() async throws {
        var records = try StripeConnector.make(manyCharges()).records("chargs").makeAsyncIterator()
        let error = await #expect(throws: SyncError.self) { try await records.next() }
        #expect(error?.code == "UNKNOWN_ENTITY")
    }

    @Test func `a record that is no such value ends a typed list, and is one failure of a sync`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(#"{"value":[{"id":1,"n":2},{"id":2},{"id":3,"n":4}]}"#))
        }
        struct Thing: Decodable {
            var n: Int
        }
        let odata = try ODataConnector(
            baseURL: "https://erp.example.com",
            settings: ["api_key": "k", "streams": ["Things": ["path": "/Things"]]],
            transport: transport
        )
        var things = odata.entities("Things", as: Thing.self).makeAsyncIterator()
        #expect(try await things.next()?.n == 2)
        let error = await #expect(throws: SyncError.self) { try await things.next() }
        #expect(error?.code == "BAD_RECORD" && error?.message.contains("record 2 of Things") == true)
        #expect(try await things.next() == nil)
        let result = try await odata.syncModels("Things", as: Thing.self) { _ in }
        #expect((result.syncedCount, result.failedCount) == (2, 1))
        // It must come again.
        #expect(result.lastSync == nil)
    }

    @Test func `what deliver throws ends the sync and is thrown on`() async throws {
        let transport = manyCharges()
        let stripe = try StripeConnector.make(transport)
        await #expect(throws: Enough.self) {
            try await stripe.sync(filters: ["entity_type": "charges"]) { _, record in
                if record["amount"] == 3 { throw Enough() }
            }
        }
        #expect(transport.requests.count == 1)
        #expect(stripe.lastSync == nil)
    }

    @Test func `a loop, a sync and a read by id that are cancelled in a transfer throw that they were`() async throws {
        let calls: [@Sendable (StripeConnector) async throws -> Void] = [
            { stripe in for try await _ in stripe.charges() {} },
            { _ = try await $0.sync() },
            { _ = try await $0.retrieveCharge("ch_1") },
        ]
        for call in calls {
            let transport = SilentTransport()
            let stripe = try StripeConnector.make(transport)
            let task = Task { try await call(stripe) }
            for await _ in transport.hasAsked { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `a charge is read by its id`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(charge(7))) }
        let found = try await StripeConnector.make(transport).retrieveCharge("ch_7/../x")
        #expect(found.amount == 7)
        #expect(transport.requests.map(\.url) == ["https://api.stripe.com/v1/charges/ch_7%2F..%2Fx"])
    }

    @Test func `an entity is read by its id, as often as it takes, and audited as no write`() async throws {
        let log = Trail()
        let transport = FakeTransport { request, number in
            if request.bodyText.contains("login") { return .success(.json(#"{"result":[1,"t"]}"#)) }
            guard number > 2 else { return .failure(.lost) }
            return .success(.json(#"{"result":[{"id":17,"name":"Acme","code":"C1","active":true}]}"#))
        }
        let tryton = try TrytonConnector(
            baseURL: "https://tryton.example.com",
            database: "d",
            username: "u",
            password: Secret("password"),
            transport: transport,
            auditLog: log
        )
        let party = try await tryton.entity("party", id: 17, as: ERPCustomer.self)
        #expect((party.id, party.name) == ("17", "Acme"))
        #expect(
            transport.requests.last?.bodyText.contains(#""method":"model.party.party.read","params":[[17],["name""#)
                == true
        )
        #expect(await log.records.isEmpty)
    }

    @Test func `a sync that read all lists whole says from when on the next has to look: where the first began`()
        async throws
    {
        let clocks = TestClocks(now: Instant(seconds: 1_800_000_000))
        let isBroken = Mutex(true)
        let odata = try ODataConnector(
            baseURL: "https://erp.example.com",
            settings: ["api_key": "k", "max_retries": 0, "streams": ["A": ["path": "/A"], "B": ["path": "/B"]]],
            transport: FakeTransport { request, _ in
                if request.url.hasSuffix("/B"), isBroken.withLock({ $0 }) { return .success(.json("{}", status: 400)) }
                return .success(.json(#"{"value":[{"id":1}]}"#))
            },
            clocks: clocks
        )
        let first = try await odata.sync()
        #expect(first["A"]?.lastSync != nil && first["B"]?.lastSync == nil && odata.lastSync == nil)
        isBroken.withLock { $0 = false }
        _ = try await odata.sync(filters: ["entity_type": "A"])
        #expect(odata.lastSync == nil)
        let results = try await odata.sync()
        #expect(odata.lastSync == results.values.compactMap(\.lastSync).min() && odata.lastSync != nil)
        await #expect(throws: ValidationError.self) { try await odata.sync(filters: ["entity_type": ["A", "B"]]) }
    }

    @Test func `half of a cut emoji ends no list`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(#"{"value":[{"id":1,"name":"caf\ud83d"},{"id":2}]}"#)) }
        let odata = try ODataConnector(
            baseURL: "https://erp.example.com",
            settings: ["api_key": "k", "streams": ["Things": ["path": "/Things"]]],
            transport: transport
        )
        var names: [String?] = []
        for try await thing in odata.records("Things") { names.append(thing["name"]?.string) }
        #expect(names == ["caf\u{FFFD}", nil])
    }
}

private actor Trail: AuditLog {
    var records: [AuditRecord] = []

    func record(_ record: AuditRecord) { records.append(record) }
}
