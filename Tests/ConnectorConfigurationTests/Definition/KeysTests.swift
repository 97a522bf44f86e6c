import ConnectorConfiguration
import ConnectorCore
import Testing

/// The readers, the schema for editors and the reference are three forms of one thing: each key that one of them knows,
/// the others know.
struct KeysTests {
    /// No key is near it, so that the reader lists what it knows.
    private static let unknown = "zzzzzzzzzzzzzzzz"

    /// One object of a connector file: where readers report it, its heading in the reference, its place in the schema.
    private static let objects: [(path: String, heading: String, schema: [String])] = [
        ("", "a connector file", []), ("tls", "tls", ["tls"]), ("check", "check", ["check"]),
        ("schedule", "schedule", ["schedule"]), ("auth_config", "auth_config", ["auth_config"]),
        ("auth_config.login", "auth_config.login", ["auth_config", "login"]), ("csrf", "csrf", ["csrf"]),
        ("errors", "errors", ["errors"]), ("streams.s", "a stream", ["streams", "*"]),
        ("streams.s.resync", "resync", ["streams", "*", "resync"]),
        ("streams.s.deletes", "deletes", ["streams", "*", "deletes"]),
        ("streams.s.empty", "empty", ["streams", "*", "empty"]),
        ("streams.s.deleted", "deleted", ["streams", "*", "deleted"]),
        ("streams.s.paging", "paging", ["streams", "*", "paging"]),
        ("streams.s.paging.next", "paging.next", ["streams", "*", "paging", "next"]),
        ("streams.s.paging.size", "paging.size", ["streams", "*", "paging", "size"]),
        ("streams.s.cursor", "cursor", ["streams", "*", "cursor"]),
        ("streams.s.feed", "feed", ["streams", "*", "feed"]), ("webhook", "webhook", ["webhook"]),
        ("webhook.version", "webhook.version", ["webhook", "version"]),
        ("webhook.on.x", "webhook.on", ["webhook", "on", "*"]),
        ("operations.o", "operations", ["operations", "*"]), ("models.m.f", "models", ["models", "*", "*"]),
    ]

    /// The same of `connectord.json5`, which has no schema.
    private static let daemonObjects: [(path: String, headings: [String])] = [
        ("", ["connectord.json5"]), ("aitbc", ["aitbc", "aitbc and http"]), ("http", ["http", "aitbc and http"]),
        ("listener", ["listener"]),
    ]

    @Test(arguments: objects)
    func `readers, schema and reference know the same keys`(object: (path: String, heading: String, schema: [String])) {
        let read = Self.read[object.path] ?? []
        #expect(!read.isEmpty)
        #expect(read == Self.reference[object.heading] ?? [], "reference, \(object.heading)")
        #expect(read == Self.schemaKeys(object.schema), "schema, \(object.schema)")
        // What all streams of a file have is written once more in the schema.
        if object.schema.first == "streams" {
            #expect(read == Self.schemaKeys(["defaults"] + object.schema.dropFirst(2)), "schema, defaults")
        }
    }

    @Test(arguments: daemonObjects)
    func `the daemon's file and the reference know the same keys`(object: (path: String, headings: [String])) {
        let read = Self.read["daemon " + object.path] ?? []
        #expect(!read.isEmpty)
        #expect(read == Set(object.headings.flatMap { Self.reference[$0] ?? [] }))
    }

    @Test func `no table of the reference is about an object that this test does not look at`() {
        let known = Set(Self.objects.map(\.heading) + Self.daemonObjects.flatMap(\.headings))
        #expect(Set(Self.reference.keys) == known)
    }

    @Test func `readers and schema know the same words of a choice`() {
        for (path, words) in Self.choices {
            let place = path.split(separator: ".").map(String.init).map { ["s", "o", "x"].contains($0) ? "*" : $0 }
            let node = Self.node(place).map { $0["anyOf"]?.array?.first ?? $0 }
            let schema = node.flatMap { $0["enum"]?.array?.compactMap(\.string) } ?? []
            // A sink's names are the daemon's.
            #expect(Set(words) == Set(schema), "\(path)")
        }
        #expect(Self.choices.count > 15)
    }

    @Test func `the reference names each word of a choice`() {
        let text = Self.pages.joined()
        for (path, words) in Self.choices {
            for word in words {
                #expect(text.contains("`\(word)`") || text.contains("\"\(word)\""), "\(path): \(word)")
            }
        }
    }
}

// MARK: - What the readers know

extension KeysTests {
    /// Keys by path, from the lists that readers give beside an unknown one.
    private static let read: [String: Set<String>] = {
        var keys: [String: Set<String>] = [:]
        for (prefix, lines) in files.map({ ("", Reading($0).lines) }) + [("daemon ", daemonLines)] {
            for line in lines {
                guard
                    let match = line.firstMatch(
                        of: /:\d+: (?<path>.*?)\.?zzzzzzzzzzzzzzzz: unknown key; known here: (?<keys>.*)$/
                    )
                else { continue }
                keys[prefix + match.path, default: []].formUnion(match.keys.split(separator: ", ").map(String.init))
            }
        }
        return keys
    }()

    private static let base = "base_url: \"https://a.example\", streams: { s: { path: \"/s\" } }"

    /// Every object once, with a key that nobody knows; objects whose keys depend on a choice once a choice.
    private static let files: [String] = {
        let zz = "\(unknown): 1"
        let whole = """
            { \(zz), auth_type: "none", base_url: "https://a.example",
              tls: { \(zz) }, check: { \(zz), path: "/c" }, errors: { \(zz) }, csrf: { \(zz), path: "/t" },
              schedule: { \(zz), every: "5m" },
              streams: { s: { \(zz), path: "/s", resync: { \(zz), every: "1d" }, deletes: { \(zz) }, empty: { \(zz) },
                deleted: { \(zz), field: "d" }, cursor: { \(zz), field: "at" },
                paging: { \(zz), style: "page", parameter: "p", size: { \(zz), parameter: "n", value: 5 },
                  next: { \(zz), in: "l" } },
                feed: { \(zz), object: "o", routes: {} } } },
              operations: { o: { \(zz), path: "/o" } }, models: { m: { f: { \(zz), path: "a" } } } }
            """
        let auth = [
            "basic: ", "api_key: ", "session: login: { \(zz) }", "hmac: ", "oauth2: grant_type: \"refresh_token\"",
            "oauth1: ", "jwt_bearer: ", "certificate: ",
        ].map { text in
            let parts = text.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            return "{ \(base), auth_type: \"\(parts[0])\", auth_config: { \(zz), \(parts[1]) } }"
                .replacing(", }", with: " }")
        }
        let schemes = ["hmac", "stripe", "square", "token", "token_query", "token_body"].map { scheme in
            """
            { \(base), auth_type: "none", webhook: { \(zz), signature: "\(scheme)", version: { \(zz), field: "v" },
              on: { x: { \(zz), upsert: "s" } } } }
            """
        }
        return [whole] + auth + schemes
    }()

    private static let daemonLines: [String] = {
        let zz = "\(unknown): 1"
        let text = """
            { \(zz), listener: { \(zz) }, aitbc: { \(zz), base_url: "https://a.example" },
              http: { \(zz), url: "https://a.example" } }
            """
        let diagnostics = DiagnosticCollector()
        if let value = JSON5Reader.read(Array(text.utf8), file: "f", diagnostics: diagnostics) {
            _ = DaemonConfig(value, resolver: TableResolver(), diagnostics: diagnostics)
        }
        return diagnostics.lines
    }()

    /// The words of each choice, from the lists that readers give beside an unknown one.
    private static let choices: [String: [String]] = {
        let no = "\"\(unknown)\""
        let files = [
            """
            { \(base), kind: \(no), auth_type: \(no), log_level: \(no), webhook: { signature: \(no) } }
            """,
            """
            { base_url: "https://a.example", auth_type: "hmac", auth_config: { signs: \(no) },
              streams: { s: { path: "/s", compare: \(no), cursor: { field: "at", format: \(no), filter_format: \(no),
                order: \(no) }, paging: { style: \(no), anchor: \(no), short_page: \(no) } } },
              webhook: { algorithm: \(no), encoding: \(no), key_encoding: \(no), version: { field: "v", format: \(no) } },
              operations: { o: { path: "/o", body: \(no), other_fields: \(no) } } }
            """,
            "{ \(base), auth_type: \"oauth2\", auth_config: { grant_type: \(no), client_secret_in: \(no) } }",
        ]
        var choices: [String: [String]] = [:]
        for line in files.flatMap({ Reading($0).lines }) {
            guard let match = line.firstMatch(of: /:\d+: (?<path>\S+): unknown .*; write one of: (?<words>.*)$/) else {
                continue
            }
            choices[String(match.path)] = match.words.split(separator: ", ").map { String($0.dropFirst().dropLast()) }
        }
        return choices
    }()
}

// MARK: - What the schema and the reference know

extension KeysTests {
    private static let schema: JSONValue = {
        let text = Shipped.file("config/connector.schema.json")
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else { return .null }
        return value
    }()

    /// The schema of what stands at a path; `*` is any name.
    private static func node(_ path: [String]) -> JSONValue? {
        path.reduce(Optional(schema)) { node, step in
            guard let node else { return nil }
            return forms(node).lazy.compactMap {
                $0["properties"]?[step] ?? (step == "*" ? $0["additionalProperties"] : nil)
            }
            .first { $0.members != nil }
        }
    }

    /// A schema and its alternatives.
    private static func forms(_ node: JSONValue) -> [JSONValue] { [node] + (node["oneOf"]?.array ?? []) }

    private static func schemaKeys(_ path: [String]) -> Set<String> {
        Set(node(path).map(forms)?.flatMap { $0["properties"]?.members?.map(\.name) ?? [] } ?? [])
    }

    private static let pages = ["aitbc-connector.5", "aitbc-connectord.json5.5"].map {
        Shipped.file("deploy/man/\($0).md")
    }

    /// The first column of each table below `### Keys of …`.
    private static let reference: [String: Set<String>] = {
        var keys: [String: Set<String>] = [:]
        for page in pages {
            var heading: String?
            for line in page.split(separator: "\n") {
                if line.hasPrefix("#") {
                    let names = line.hasPrefix("### Keys of ") ? line.dropFirst("### Keys of ".count) : nil
                    heading = names?.filter { $0 != "`" }
                } else if let heading, let row = line.firstMatch(of: /^\| `(\w+)` \|/) {
                    keys[heading, default: []].insert(String(row.output.1))
                }
            }
        }
        return keys
    }()
}
