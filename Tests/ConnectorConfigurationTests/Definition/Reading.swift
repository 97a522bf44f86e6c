import ConnectorConfiguration
import ConnectorCore
import Glibc
import Testing

/// Answers from tables: a secret, one in hex, and one time zone.
struct TableResolver: ConfigResolver {
    func secret(_ source: SecretReference) throws(ConfigResolverError) -> Secret {
        switch source {
        case .credential("key"): return Secret("sk_test_0123")
        case .credential("two"): return Secret("sk_test_0123\nsk_test_4567")
        case .credential("blank"): return Secret("sk_test_0123\n")
        case .credential("hex"): return Secret("44782DEF547AAA06C910C43932B1EB0C")
        default: throw ConfigResolverError("can't be read: no such file", "add LoadCredential to the unit")
        }
    }

    func timeZone(_ name: String) throws(ConfigResolverError) -> CalendarRule {
        guard name == "Etc/UTC" else { throw ConfigResolverError("there is no time zone \"\(name)\"", "see tzdata") }
        return .utc
    }
}

/// What became of a connector file, and every line that was reported.
struct Reading {
    var connector: ConnectorDefinition?
    var lines: [String]

    /// Reads `text` as the file `f` of the connector `acme`; a definition's file has its name.
    init(_ text: String, _ definitions: [String: String] = [:]) {
        let diagnostics = DiagnosticCollector()
        func parsed(_ text: String, _ file: String) -> LocatedValue {
            JSON5Reader.read(Array(text.utf8), file: file, diagnostics: diagnostics)
                ?? LocatedValue(.null, at: SourceLocation(file: file, line: 1, column: 1))
        }
        let known = Dictionary(uniqueKeysWithValues: definitions.map { ($0.key, parsed($0.value, $0.key)) })
        let reader = ConnectorReader(
            resolver: TableResolver(),
            defaultSink: "file",
            sinks: ["file", "stdout"],
            diagnostics: diagnostics
        )
        connector = reader.read(parsed(text, "f"), name: "acme", definitions: known)
        lines = diagnostics.lines
    }

    func stream(_ name: String) -> StreamDefinition? { connector?.streams.first { $0.id.stream == name } }

    /// Reads one stream `s` of a connector that is right in everything else. The stream begins in column 1 of line 2.
    static func stream(_ text: String, kind: String = "other") -> Reading {
        Reading("{ kind: \"\(kind)\", base_url: \"https://a.example\", auth_type: \"none\", streams: { s:\n\(text) } }")
    }

    /// Reads a connector with one stream and these further members, which begin in column 1 of line 2.
    static func connector(_ members: String) -> Reading {
        Reading("{ streams: { s: { path: \"/s\" } },\n\(members) }")
    }
}

/// What is installed with the program.
enum Shipped {
    /// A definition.
    static func text(_ name: String) -> String { file("config/definitions/\(name).json5") }

    /// A file of the project; empty where there is none.
    static func file(_ path: String, here: String = #filePath) -> String {
        let root = here.split(separator: "/").dropLast(4).joined(separator: "/")
        guard let file = unsafe fopen("/\(root)/\(path)", "re") else { return "" }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    static let all = Dictionary(
        uniqueKeysWithValues: [
            "stripe", "tryton", "odata", "chargebee", "quickbooks", "xero", "salesforce", "business-central", "shopify",
            "dynamics-fo", "odoo", "sap-s4hana",
        ].map { ($0, text($0)) }
    )
}
