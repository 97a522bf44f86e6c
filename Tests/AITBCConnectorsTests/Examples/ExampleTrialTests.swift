import AITBCConnectors
import ConnectorConfiguration
import ConnectorCore
import Glibc
import Testing

/// Definitions do what their examples say, and what differs is told.
struct ExampleTrialTests {
    private static let definition = """
        { base_url: "https://a.example/api", auth_type: "none", settings: { shop: "acme" },
          errors: { message: "message", code: "code" },
          defaults: { records: "list", paging: { style: "token", parameter: "page", next: "next" },
            cursor: { field: "at", lower: { since: "${cursor}" } } },
          streams: {
            orders: { path: "/${settings.shop}/orders", model: "order", deleted: { field: "gone" } },
            log: { path: "/log", feed: { type: "kind", object: "o", routes: { order: "orders" }, deletes: ["order.gone"] } },
            counts: { path: "/counts", method: "POST", body: { n: "${limit}" }, cursor: null },
          },
          webhook: { signature: "token", header: "X", id: "id", type: "kind", object: "o", secret: "s",
            on: { "order.gone": { delete: "orders" }, "order.*": { upsert: "orders", sync: "counts" } } },
          operations: { make: { path: "/orders", fields: { name: "${name}" }, idempotency: "Key", returns: "order" } },
          models: { order: { id: "id", status: "state" } } }
        """

    private static let list = """
        answer: { body: { list: [{ id: 7, at: "2026-11-01T00:00:01Z", state: "open" }, { id: 8, gone: true }], next: "t" } }
        """

    /// What differs in an example's members.
    private static func differences(_ members: String) async throws -> [String] {
        let diagnostics = DiagnosticCollector()
        let text = "{ examples: { one: { \(members) } } }"
        let value = try #require(JSON5Reader.read(Array(text.utf8), file: "f", diagnostics: diagnostics))
        let file = ExampleReader(diagnostics).read(value)
        guard diagnostics.lines.isEmpty, let example = file?.examples.first else { return diagnostics.lines }
        return try await ExampleTrial(connector(definition, nil), clocks: StillClocks()).differences(example)
    }

    private static func connector(_ definition: String, _ own: LocatedValue?) throws -> ConnectorDefinition {
        let diagnostics = DiagnosticCollector()
        let known = try #require(JSON5Reader.read(Array(definition.utf8), file: "d", diagnostics: diagnostics))
        let file = try #require(
            JSON5Reader.read(Array("{ definition: \"d\" }".utf8), file: "c", diagnostics: diagnostics)
        )
        let webhook = own == nil ? known["webhook"].map { JSONValue.object([.init("webhook", $0.toJSONValue())]) } : nil
        let extra = try webhook.map { try #require(JSON5Reader.read($0.bytes, file: "w", diagnostics: diagnostics)) }
        let merged = (own ?? extra).map(file.merging) ?? file
        let reader = ConnectorReader(
            resolver: PlainResolver(),
            defaultSink: "file",
            sinks: ["file"],
            diagnostics: diagnostics,
            needsStreams: false
        )
        let connector = reader.read(merged, name: "d", definitions: ["d": known])
        let errors = diagnostics.diagnostics.filter { $0.severity == .error }.map(\.description)
        #expect(errors == [])
        return try #require(connector)
    }

    @Test(
        arguments: [
            "stream: \"orders\", \(list), records: [7], deleted: [8], next: { token: \"t\" }, cursor: \"2026-11-01T00:00:01Z\"",
            "stream: \"orders\", \(list), deleted: [8], result: { id: 7, status: \"open\" }",
            "stream: \"orders\", lower: \"2026-11-01T00:00:00Z\", request: { method: \"GET\", path: \"/acme/orders\", "
                + "query: { since: \"2026-11-01T00:00:00Z\" }, headers: { Accept: \"application/json\" } }",
            "stream: \"orders\", at: { token: \"a&b\" }, request: { path: \"/acme/orders\", query: { page: \"a&b\" } }",
            "stream: \"counts\", request: { method: \"POST\", path: \"/counts\", body: { n: 100 } }",
            "stream: \"orders\", answer: { status: 401 }, failure: \"credentials\"",
            "stream: \"orders\", answer: { body: {} }, failure: \"bad_answer\"",
            "stream: \"log\", answer: { body: { list: [{ id: 1, kind: \"order.made\", o: { id: 7 } }, "
                + "{ id: 2, kind: \"order.gone\", o: { id: 8 } }, { id: 3, kind: \"x.y\" }] } }, records: [1, 2, 3], "
                + "does: [{ upsert: \"orders\", key: 7 }, { delete: \"orders\", key: 8 }], next: \"end\"",
            "event: { body: { id: \"e\", kind: \"order.made\", o: { id: 7 } } }, does: [{ upsert: \"orders\", key: 7, sync: [\"counts\"] }]",
            "event: { body: { id: \"e\", kind: \"order.gone\", o: { id: 7 } } }, does: [{ delete: \"orders\", key: 7 }]",
            "event: { body: { kind: \"order.made\" } }, failure: \"refused\"",
            "operation: \"make\", data: { name: \"x\" }, key: \"k\", request: { method: \"POST\", path: \"/orders\", "
                + "headers: { Key: \"k\" }, body: { name: \"x\" } }, answer: { body: { id: 7, state: \"open\" } }, result: { status: \"open\" }",
            "operation: \"make\", data: { name: \"x\" }, request: { path: \"/orders\", body: { name: \"x\" } }",
            "operation: \"make\", data: { name: \"x\" }, answer: { status: 422, body: { code: \"no\" } }, failure: \"no\"",
        ]
    )
    func `an example that is right has no differences`(members: String) async throws {
        #expect(try await Self.differences(members) == [])
    }

    @Test(
        arguments: [
            ("stream: \"orders\", \(list), records: [8], deleted: [8]", "records: [7] instead of [8]"),
            ("stream: \"orders\", \(list), records: [7]", "deleted: [8] instead of []"),
            ("stream: \"orders\", \(list), deleted: [8], next: \"end\"", "is where the list goes on"),
            (
                "stream: \"orders\", answer: { body: { list: [] } }, next: { page: 2 }",
                "the page says that it is the last one"
            ),
            ("stream: \"orders\", \(list), deleted: [8], cursor: \"2026-11-02\"", "at at"),
            (
                "stream: \"orders\", answer: { body: { list: [{ id: 1 }] } }, cursor: \"2026-11-02\"",
                "no record has a value"
            ),
            (
                "stream: \"orders\", \(list), deleted: [8], result: { status: \"x\" }",
                "result.status: \"open\" instead of \"x\""
            ),
            ("stream: \"counts\", answer: { body: { list: [{ id: 1 }] } }, result: {}", "the stream has no model"),
            ("stream: \"orders\", answer: { body: { list: [] } }, result: {}", "there is no record"),
            ("stream: \"orders\", \(list), failure: \"gone\"", "should be a failure: gone"),
            ("stream: \"orders\", answer: { status: 404 }", "should be read, and is a failure: gone"),
            ("stream: \"orders\", lower: 5, request: { path: \"/x\" }", "no value of the stream's cursor"),
            ("stream: \"none\", answer: {}", "there is no stream"),
            (
                "stream: \"orders\", request: { method: \"PUT\", path: \"/x\", query: { a: 1 }, headers: { X: 1 }, body: {} }",
                "request.method: GET"
            ),
            ("stream: \"orders\", request: { path: \"/x\" }", "request.path: https://a.example/api/acme/orders"),
            (
                "stream: \"orders\", request: { path: \"/acme/orders\", query: { a: 1 } }",
                "request.query.a: nothing instead of 1"
            ),
            ("stream: \"orders\", request: { path: \"/acme/orders\", headers: { X: 1 } }", "request.headers.X"),
            ("stream: \"counts\", request: { path: \"/counts\" }", "and the example has none"),
            ("stream: \"counts\", request: { path: \"/counts\", body: \"n=1\" }", "instead of n=1"),
            (
                "stream: \"log\", answer: { body: { list: [] } }, does: [{ upsert: \"orders\", key: 7 }]",
                "does: [] instead of"
            ),
            ("event: { body: { id: \"e\", kind: \"order.made\", o: { id: 7 } } }, does: []", "does: [{"),
            ("event: { body: { id: \"e\", kind: \"order.made\", o: { id: 7 } } }, failure: \"x\"", "should be refused"),
            ("event: { body: { kind: \"order.made\" } }", "the event has no text at id"),
            (
                "operation: \"make\", data: { name: \"x\" }, answer: { body: { id: 7 } }, failure: \"no\"",
                "it succeeds, and should fail"
            ),
            ("operation: \"make\", data: { name: \"x\" }, answer: { status: 422 }", "fails without a code"),
            ("operation: \"none\", data: {}, answer: {}", "it should succeed"),
            ("operation: \"make\", data: { nome: \"x\" }, request: { path: \"/orders\" }", "it should succeed"),
            ("stream: \"orders\", operation: \"make\"", "is about 2 things"),
            ("records: []", "says nothing of what it is about"),
            ("stream: \"orders\"", "nothing is looked at"),
            ("stream: \"orders\", request: {}, records: []", "is not looked at without"),
            ("stream: \"orders\", answer: {}, failure: \"lost\"", "is no kind of failure"),
            ("stream: \"orders\", at: {}, answer: {}", "is no position"),
            ("stream: \"orders\", request: { query: { a: [] } }", "expected a text or a number"),
        ]
    )
    func `what is not as the example says is told`(members: String, words: String) async throws {
        let differences = try await Self.differences(members)
        #expect(differences.contains { $0.contains(words) }, "\(differences)")
    }

    @Test(arguments: ShippedDefinitions.all.keys.sorted())
    func `each shipped definition does what its examples say`(name: String) async throws {
        let definition = try #require(ShippedDefinitions.all[name])
        for path in Self.files(name) {
            let diagnostics = DiagnosticCollector()
            let value = try #require(JSON5Reader.read(Self.bytes(path), file: path, diagnostics: diagnostics))
            let file = try #require(ExampleReader(diagnostics).read(value))
            #expect(diagnostics.lines == [])
            let trial = ExampleTrial(try Self.connector(definition, file.connector), clocks: StillClocks())
            for example in file.examples {
                #expect(await trial.differences(example) == [], "\(example.location): \(example.name)")
            }
        }
    }

    // MARK: Files

    private static func files(_ name: String, here: String = #filePath) -> [String] {
        let folder = "/" + here.split(separator: "/").dropLast(4).joined(separator: "/") + "/config/examples/\(name)"
        guard let open = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(open) }
        var files: [String] = []
        while let entry = unsafe readdir(open) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json5") { files.append("\(folder)/\(name)") }
        }
        return files
    }

    private static func bytes(_ path: String) -> [UInt8] {
        guard let file = unsafe fopen(path, "re") else { return [] }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        return Array(bytes.prefix(count))
    }
}

/// Secrets stand in the examples as texts.
private struct PlainResolver: ConfigResolver {
    func secret(_ source: SecretReference) throws(ConfigResolverError) -> Secret { Secret("secret") }

    func timeZone(_ name: String) throws(ConfigResolverError) -> CalendarRule { .utc }
}
