import ConnectorConfiguration
import ConnectorCore
import Testing

/// One operation of a definition, and what its templates make of data.
struct OperationFixture {
    let connector: ConnectorDefinition
    let name: String

    /// `text` is the operation `go`; `more` are further members of the connector.
    init(_ text: String, _ more: String = "errors: {}") throws {
        let reading = Reading.connector(
            "base_url: \"https://a.example/api\", auth_type: \"none\", \(more), operations: { go: \(text) }"
        )
        #expect(reading.lines == [])
        connector = try #require(reading.connector)
        name = "go"
    }

    init(file: String, _ name: String) throws {
        let reading = Reading(file, Shipped.all)
        #expect(reading.lines == [])
        connector = try #require(reading.connector)
        self.name = name
    }

    static func stripe(_ name: String) throws -> OperationFixture {
        try OperationFixture(file: "{ definition: \"stripe\", api_key: { credential: \"key\" } }", name)
    }

    static func tryton(_ name: String) throws -> OperationFixture {
        let file = """
            { definition: "tryton", base_url: "https://erp.example", settings: { database: "main" },
              auth_config: { username: "sync", password: { credential: "key" } } }
            """
        return try OperationFixture(file: file, name)
    }

    static func odata(_ name: String) throws -> OperationFixture {
        let file = """
            { definition: "odata", base_url: "https://erp.example/odata", api_key: { credential: "key" },
              streams: { c: { path: "/Customers" } } }
            """
        return try OperationFixture(file: file, name)
    }

    func operation() throws -> OperationDefinition {
        try #require(connector.operations[name])
    }

    func request(_ data: JSONValue, key: String? = nil) throws -> TransportRequest {
        try OperationRequest.make(try operation(), connector, data: data, idempotencyKey: key)
    }

    func body(_ data: JSONValue) throws -> String {
        String(decoding: try request(data).body ?? [], as: UTF8.self)
    }

    func mapped(_ text: String) throws -> (object: JSONValue, mistakes: [String]) {
        let model = try #require(try operation().returns.flatMap { connector.models[$0] })
        return model.apply(to: try JSONValue(parsing: Array(text.utf8)))
    }
}
