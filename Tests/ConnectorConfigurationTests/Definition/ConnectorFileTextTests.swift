import ConnectorConfiguration
import ConnectorCore
import Testing

@Suite
struct ConnectorFileTextTests {
    private func text(_ name: String, _ definition: String, secretFile: String? = nil, baseURL: String? = nil) -> String
    {
        let diagnostics = DiagnosticCollector()
        let value = JSON5Reader.read(Array(definition.utf8), file: "d", diagnostics: diagnostics)
        let null = LocatedValue(.null, at: SourceLocation(file: "d", line: 1, column: 1))
        return ConnectorFileText(
            name: name,
            definitionName: "d",
            definition: value ?? null,
            secretFile: secretFile,
            baseURL: baseURL
        ).text
    }

    @Test(arguments: ["stripe", "tryton"])
    func `a file made from a shipped definition is right as soon as its secret is there`(_ name: String) throws {
        let definition = Shipped.text(name)
        let reading = Reading(text("key", definition), ["d": definition])
        #expect(reading.lines.isEmpty)
        let whole = Reading(
            "{ definition: \"d\", \(name == "stripe" ? "api_key" : "auth_config"): "
                + (name == "stripe" ? "" : "{ username: \"aitbc\", password: ") + "{ credential: \"key\" }"
                + (name == "stripe" ? "" : " }, base_url: \"https://tryton.example.com\", settings: { database: \"\" }")
                + " }",
            ["d": definition]
        )
        #expect(whole.lines.isEmpty)
        #expect(reading.connector?.streams.map(\.id) == whole.connector?.streams.map(\.id))
    }

    @Test func `what a definition leaves open is asked for, what it says is shown`() {
        let made = text("books", Shipped.text("tryton"))
        #expect(made.contains("base_url: \"https://tryton.example.com\", // your server's address"))
        #expect(made.contains("settings: { database: \"\" },"))
        #expect(made.contains("password: { credential: \"books\" }"))
        #expect(!made.contains("webhook"))
        let stripe = text("pay", Shipped.text("stripe"), secretFile: "/etc/a \"b\"", baseURL: "http://127.0.0.1:1")
        #expect(stripe.contains("  base_url: \"http://127.0.0.1:1\",") && stripe.contains("// rate_limit: 20,"))
        #expect(stripe.contains(#"api_key: { file: "/etc/a \"b\"" },"#) && stripe.contains("// webhook: {"))
    }

    @Test func `names that JSON5 takes only in quotes have quotes`() {
        let made = text("a", #"{ auth_type: "none", streams: { "sales-orders": {}, plain_1: {} } }"#)
        #expect(made.contains("    \"sales-orders\": {},\n    plain_1: {},\n") && !made.contains("api_key"))
    }
}
