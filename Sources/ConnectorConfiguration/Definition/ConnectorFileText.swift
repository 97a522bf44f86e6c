import ConnectorCore

/// A connector file for a person to complete: what `init` writes.
package struct ConnectorFileText: Sendable {
    package let name: String
    private let definitionName: String
    private let definition: JSONValue
    private let secret: String
    private let baseURL: String?

    /// `secretFile` is where the secret is read from; nil for the service's credential of the connector's name.
    package init(
        name: String,
        definitionName: String,
        definition: LocatedValue,
        secretFile: String?,
        baseURL: String?
    ) {
        self.name = name
        self.definitionName = definitionName
        self.definition = definition.toJSONValue()
        self.baseURL = baseURL
        secret = secretFile.map { "{ file: \(JSONValue.string($0).text) }" } ?? "{ credential: \"\(name)\" }"
    }

    package var text: String {
        let what = definition["description"]?.string.map { ": \($0)" } ?? ""
        let head = [
            "// \(name)\(what).",
            "// All keys are explained in aitbc-connector(5). Lines with // are defaults, or what may be added.",
            "{",
            "  definition: \"\(definitionName)\",",
        ]
        let parts = [address, proof, settings, pace, streams, webhook].filter { !$0.isEmpty }
        return (head + parts.joined(separator: [""]) + ["}"]).joined(separator: "\n") + "\n"
    }

    private var address: [String] {
        let environments = definition["environments"]?.members?.map(\.name) ?? []
        if baseURL == nil, let first = environments.first {
            let others = environments.dropFirst().map { "\"\($0)\"" }.joined(separator: ", ")
            return ["  environment: \"\(first)\"," + (others.isEmpty ? "" : " // or \(others)")]
        }
        let known = definition["base_url"]?.string ?? "https://api.example.com"
        if let baseURL { return ["  base_url: \(JSONValue.string(baseURL).text),"] }
        return known.contains("example.com")
            ? ["  base_url: \"\(known)\", // your server's address"] : ["  // base_url: \"\(known)\","]
    }

    private var proof: [String] {
        let note =
            "  // The secret: { credential: \"NAME\" } (LoadCredential= of the unit), { file: \"PATH\" } or { env: \"NAME\" }."
        switch definition["auth_type"]?.string ?? "bearer" {
        case "none": return []
        case "bearer", "api_key": return [note, "  api_key: \(secret),"]
        // Payment processors take their key for a user's name.
        case "basic" where definition["kind"]?.string == "payment":
            return [note, "  api_key: \(secret), // the key is the user's name, without a password"]
        case "oauth2":
            let token = "refresh_token: { credential: \"\(name)-refresh-token\" }"
            let needsToken = definition["auth_config"]?["grant_type"]?.string == "refresh_token"
            let first = needsToken ? ", \(token)" : ""
            return [note, "  auth_config: { client_id: \"\", client_secret: \(secret)\(first) },"]
        case "basic", "session":
            return [
                note,
                "  auth_config: { username: \"aitbc\", password: \(secret) }, // a user of its own, that may read",
            ]
        case let other:
            return [note, "  auth_type: \"\(other)\",", "  auth_config: {}, // see auth_config in the manual"]
        }
    }

    /// Values that the definition leaves to the connector.
    private var settings: [String] {
        let given = Set(definition["settings"]?.members?.map(\.name) ?? [])
        var names: [String] = []
        for part in definition.text.components(after: "${settings.") {
            let name = String(part.prefix { $0 != "}" })
            if !given.contains(name), !names.contains(name) { names.append(name) }
        }
        let asked = definition["required_settings"]?.members ?? []
        for member in asked where !names.contains(member.name) { names.append(member.name) }
        guard !names.isEmpty else { return [] }
        guard asked.isEmpty else {
            let rows = names.map { name in
                let meaning = asked.first { $0.name == name }?.value.string
                return "    \(name): \"\"," + (meaning.map { " // \($0)" } ?? "")
            }
            return ["  settings: {"] + rows + ["  },"]
        }
        return ["  settings: { \(names.map { "\($0): \"\"" }.joined(separator: ", ")) },"]
    }

    private var pace: [String] {
        let limit = definition["rate_limit"]?.number ?? "10"
        let schedule = definition["schedule"].map(Self.inline) ?? "{ every: \"5m\", jitter: \"30s\" }"
        return [
            "  schedule: \(schedule), // or { cron: \"*/15 6-20 * * 1-5\", time_zone: \"Europe/Zurich\" }",
            "  // rate_limit: \(limit), // requests a second, over all connectors of the account",
            "  // sink: \"file\", // or \"aitbc\", \"http\" (see connectord.json5), \"stdout\"",
        ]
    }

    private var streams: [String] {
        let names = definition["streams"]?.members?.map(\.name) ?? []
        guard !names.isEmpty else {
            return ["  streams: {", "    // The lists to keep in step: customers: { path: \"/customers\" },", "  },"]
        }
        let rows = names.map { "    \(PlainName.isPlain($0) ? $0 : "\"\($0)\""): {}," }
        return ["  // The lists to keep in step; delete those that you don't want.", "  streams: {"] + rows + ["  },"]
    }

    private var webhook: [String] {
        guard definition["webhook"]?.members != nil else { return [] }
        return [
            "  // Events within a second; also needs listener: {} in connectord.json5. `webhooks` says what to enter where.",
            "  // webhook: { secret: { credential: \"\(name)-webhook\" } },",
        ]
    }

    /// An object on one line, as a person writes it.
    private static func inline(_ value: JSONValue) -> String {
        guard let members = value.members else { return value.text }
        return "{ \(members.map { "\($0.name): \(inline($0.value))" }.joined(separator: ", ")) }"
    }
}

extension String {
    /// What stands behind each occurrence of a text.
    fileprivate func components(after mark: String) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let start = rest.firstIndex(of: mark.first ?? " ") {
            rest = rest[start...]
            if rest.hasPrefix(mark) { found.append(rest.dropFirst(mark.count)) }
            rest = rest.dropFirst()
        }
        return found
    }
}

private enum PlainName {
    /// Whether JSON5 takes it without quotes.
    static func isPlain(_ name: String) -> Bool {
        name.first?.isNumber == false
            && name.utf8.allSatisfy { $0 == 0x5F || $0.asciiLowercased.isLetter || (0x30...0x39).contains($0) }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(self) }
}
