import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

struct ERPConnectorTests {
    private static func odata(_ transport: FakeTransport) throws -> ODataConnector {
        try ODataConnector(
            baseURL: "https://erp.example/odata",
            settings: [
                "auth_type": "none", "retry_backoff": "1ms",
                "streams": [
                    "Customers": ["path": "/Customers", "paging": ["style": "link", "next": ["@odata.nextLink"]]]
                ],
            ],
            transport: transport
        )
    }

    @Test func `OData changes go out under the tag that the entity came with`() async throws {
        let transport = FakeTransport { request, _ in
            request.method == "DELETE"
                ? .success(TransportResponse(status: 204))
                : .success(.json(#"{"id":"C-1","name":"Acme"}"#, ["ETag": "W/\"5\""]))
        }
        let odata = try Self.odata(transport)
        let made = try await odata.createEntity("Customers", data: ["name": "Acme"])
        #expect(made.data["etag"] == "W/\"5\"")
        let changed = try await odata.updateEntity(
            "Customers",
            data: ["id": "C-1", "etag": made.data["etag"] ?? .null, "name": "Acme AG"]
        )
        #expect(changed.success)
        let gone = try await odata.deleteEntity("Customers", data: ["id": "C-1"])
        #expect(gone.success)
        let requests = transport.requests
        #expect(requests.map(\.method) == ["POST", "PATCH", "DELETE"])
        #expect(requests.map { $0.headers["If-Match"] } == [nil, "W/\"5\"", "*"])
        #expect(requests[1].bodyText == "{\"name\":\"Acme AG\"}")
        #expect(requests[1].url == "https://erp.example/odata/Customers(%27C-1%27)")
    }

    @Test func `a change that another was faster with is an ERP error`() async throws {
        let transport = FakeTransport { _, _ in
            .success(.json(#"{"error":{"code":"412","message":"changed meanwhile"}}"#, status: 412))
        }
        let error = await #expect(throws: ERPError.self) {
            try await Self.odata(transport).updateEntity("Customers", data: ["id": 1, "etag": "W/\"1\""])
        }
        #expect(error?.statusCode == 412)
        #expect(error?.message.contains("changed meanwhile") == true)
    }

    @Test func `changes and deletions need an id`() async throws {
        let transport = FakeTransport { _, _ in .failure(.lost) }
        let odata = try Self.odata(transport)
        await #expect(throws: ValidationError.self) { try await odata.updateEntity("Customers", data: ["name": "x"]) }
        await #expect(throws: ValidationError.self) { try await odata.deleteEntity("Customers", data: [:]) }
        #expect(transport.requests.isEmpty)
    }

    @Test func `a list is read to its end, and each record handed on`() async throws {
        let transport = FakeTransport { request, _ in
            request.url.contains("skip")
                ? .success(.json(#"{"value":[{"id":3}]}"#))
                : .success(.json(#"{"value":[{"id":1},{"id":2}],"@odata.nextLink":"Customers?$skip=2"}"#))
        }
        let odata = try Self.odata(transport)
        let seen = Mutex<[Int64]>([])
        let result = try await odata.syncData("Customers") { record in
            let id = record["id"]?.int64 ?? 0
            guard id != 2 else { throw RecordFailure("two is refused") }
            seen.withLock { $0.append(id) }
        }
        #expect(seen.withLock { $0 } == [1, 3])
        #expect(result.entityType == "Customers")
        #expect(result.syncedCount == 2)
        #expect(result.failedCount == 1)
        #expect(result.errors == ["two is refused"])
        // What failed must come again.
        #expect(result.lastSync == nil)
    }

    @Test func `sync and batch_sync are operations as well`() async throws {
        let transport = FakeTransport { request, _ in
            .success(.json(request.method == "GET" ? #"{"value":[{"id":1},{"id":2}]}"# : "{\"id\":1}"))
        }
        let odata = try Self.odata(transport)
        let read = await odata.executeOperation("sync", data: ["entity_type": "Customers"])
        #expect(read.data["synced_count"] == 2)
        #expect(read.data["entity_type"] == "Customers")
        let written = await odata.executeOperation(
            "batch_sync",
            data: ["entity_type": "Customers", "items": [["name": "a"], ["id": 1, "name": "b"]]]
        )
        #expect(written.data["synced_count"] == 2)
        #expect(await odata.executeOperation("sync", data: [:]).success == false)
        #expect(await odata.executeOperation("batch_sync", data: ["entity_type": "x"]).success == false)
    }

    @Test func `the tag in an OData body counts where the header is missing`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(#"{"@odata.etag":"W/\"9\"","id":1}"#)) }
        let made = try await Self.odata(transport).createEntity("Customers", data: ["name": "a"])
        #expect(made.data["etag"] == "W/\"9\"")
    }

    @Test func `a server that begins again is stopped`() async throws {
        let transport = FakeTransport { _, number in
            .success(.json(#"{"value":[{"id":1}],"@odata.nextLink":"Customers?$skip=\#(number)"}"#))
        }
        let result = try await Self.odata(transport).syncData("Customers")
        #expect(result.errors.first?.contains("can't be read to its end") == true, "\(result)")
        #expect(transport.requests.count < 10)
    }

    @Test func `a batch makes those without an id and changes the others`() async throws {
        let transport = FakeTransport { request, _ in
            request.bodyText.contains("bad") ? .success(.json("{}", status: 400)) : .success(.json("{\"id\":1}"))
        }
        let result = try await Self.odata(transport).batchSync(
            "Customers",
            items: [["name": "a"], ["id": 7, "name": "b"], ["name": "bad"]],
            maxConcurrent: 1
        )
        #expect(transport.requests.map(\.method) == ["POST", "PATCH", "POST"])
        #expect(result.syncedCount == 2)
        #expect(result.failedCount == 1)
        await #expect(throws: ValidationError.self) { try await Self.odata(transport).batchSync("", items: []) }
    }

    private static func tryton(_ answer: @escaping @Sendable (String) -> String) throws -> (
        TrytonConnector, FakeTransport
    ) {
        let transport = FakeTransport { request, _ in
            request.bodyText.contains("common.db.login")
                ? .success(.json(#"{"id":1,"result":[1,"token"]}"#)) : .success(.json(answer(request.bodyText)))
        }
        let tryton = try TrytonConnector(
            baseURL: "https://erp.example",
            database: "main",
            username: "sync",
            password: Secret("a-password"),
            transport: transport
        )
        return (tryton, transport)
    }

    @Test func `Tryton logs in, and makes, changes and removes a party`() async throws {
        let (tryton, transport) = try Self.tryton { body in
            body.contains("party.create") ? #"{"id":1,"result":[7]}"# : #"{"id":1,"result":null}"#
        }
        let made = try await tryton.createEntity("party", data: ["name": "Acme"])
        #expect(made.data["id"] == 7)
        #expect(try await tryton.updateEntity("party", data: ["id": 7, "name": "Acme AG"]).success)
        #expect(try await tryton.deleteEntity("party", data: ["id": 7]).success)
        let calls = transport.requests.map(\.bodyText)
        #expect(calls.count == 4)
        #expect(calls[2] == #"{"id":1,"method":"model.party.party.write","params":[[7],{"name":"Acme AG"},{}]}"#)
        #expect(transport.requests[1].headers["Authorization"] == "Session c3luYzoxOnRva2Vu")
        #expect(transport.requests[1].url == "https://erp.example/main/rpc/")
    }

    @Test func `parties are read as customers`() async throws {
        let (tryton, _) = try Self.tryton { body in
            guard body.contains("search_read"), body.contains("party.party"), !body.contains("\"id\",\">\",8") else {
                return #"{"id":1,"result":[]}"#
            }
            let date = #"{"__class__":"datetime","year":2026,"month":1,"day":2,"hour":3,"minute":4,"second":5}"#
            return
                #"{"id":1,"result":[{"id":7,"name":"Acme","code":"C7","active":true,"write_date":null,"create_date":"#
                + date + #"},{"id":8,"name":null,"code":null,"active":false,"write_date":null,"create_date":null}]}"#
        }
        let seen = Mutex<[ERPCustomer]>([])
        let result = try await tryton.syncModels("parties", as: ERPCustomer.self) { customer in
            seen.withLock { $0.append(customer) }
        }
        let customers = seen.withLock { $0 }
        #expect(customers.map(\.id) == ["7"])
        #expect(customers.first?.number == "C7")
        #expect(customers.first?.updatedAt == Instant(iso8601: "2026-01-02T03:04:05Z"))
        #expect(customers.first?.raw["code"] == "C7")
        #expect(result.syncedCount == 1)
        // A customer without a name is none.
        #expect(result.failedCount == 1)
        let error = await #expect(throws: SyncError.self) {
            try await tryton.syncModels("partys", as: ERPCustomer.self) { _ in }
        }
        #expect(error?.code == "UNKNOWN_ENTITY")
    }

    @Test func `any other model goes by its technical name`() async throws {
        let (tryton, transport) = try Self.tryton { _ in #"{"id":1,"result":[3]}"# }
        let made = try await tryton.createEntity("party.category", data: ["name": "A"])
        #expect(made.data["id"] == 3)
        #expect(
            transport.requests.last?.bodyText
                == #"{"id":1,"method":"model.party.category.create","params":[[{"name":"A"}],{}]}"#
        )
    }

    @Test(
        arguments: [
            (#"{"error":null,"id":1}"#, nil), (#"{"error":false,"id":1}"#, nil), (#"{"error":{},"id":1}"#, nil),
            (#"{"error":{"code":"EXPIRED"}}"#, "AuthenticationError"),
            (#"{"error":{"code":"SLOW"}}"#, "RateLimitError"),
            (#"{"error":{"code":"OTHER"}}"#, "ERPError"), (#"{"error":true}"#, "ERPError"),
        ] as [(String, String?)]
    )
    func `what an error with status 200 is follows from its code`(answer: String, kind: String?) async throws {
        let rules = """
            errors: { present: "error", message: "error.message", code: "error.code", credentials: ["EXPIRED"],
                      throttled: ["SLOW"] }
            """
        let transport = FakeTransport { _, _ in .success(.json(answer)) }
        let engine = try ConnectorEngine.make(
            "{ add: { path: \"/a\" } }",
            kind: "erp",
            more: rules,
            transport: transport
        )
        do {
            let result = try await DefinedERPConnector(engine).perform("add", data: [:])
            #expect(kind == nil)
            #expect(result["id"] == 1)
        } catch {
            #expect("\(type(of: error))" == kind)
        }
        #expect(transport.requests.count == 1)
    }

    @Test func `an error with status 200 is an ERP error with the server's words`() async throws {
        let (tryton, _) = try Self.tryton { _ in #"{"id":1,"error":["UserError",["The party is used.","",null]]}"# }
        let error = await #expect(throws: ERPError.self) { try await tryton.deleteEntity("party", data: ["id": 7]) }
        #expect(error?.code == "UserError")
        #expect(error?.message.contains("The party is used.") == true)
    }
}
