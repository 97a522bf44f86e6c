import ConnectorCore

/// Where a connector's server is, and what of its address and paths only the one knows who uses it.
extension ConnectorReader {
    func baseURL(_ reader: inout ConfigReader) -> URLReference? {
        reader.required("base_url", AddressText.form).flatMap {
            AddressText(settings: [:]).url($0, $0.parsed(AddressText.form) { $0 })
        }
    }

    /// The address that is written, or that of the chosen environment, with its settings filled in.
    func address(_ reader: inout ConfigReader, _ settings: [String: TemplateVariables.Value]) -> URLReference? {
        let environments = reader.optionalStringMap("environments")
        let names = environments.map(\.name)
        let chosen = reader.optionalString("environment") ?? names.first
        if let chosen, !names.contains(chosen) {
            let known =
                names.isEmpty
                ? "write base_url; the definition knows no environments" : "known: \(DiagnosticText.list(names))"
            reader.error("environment", "\(DiagnosticText.quoted(chosen)) is none", known)
        }
        if reader.contains("base_url"), reader.contains("environment") {
            reader.warning("environment", "is not looked at beside `base_url`", "keep one of the two")
        }
        guard !reader.contains("base_url"), let address = environments.first(where: { $0.name == chosen }) else {
            return reader.required("base_url", AddressText.form).flatMap {
                AddressText(settings: settings).url($0, $0.parsed(AddressText.form) { $0 })
            }
        }
        reader.allow("base_url")
        return reader.optional("environments").flatMap {
            AddressText(settings: settings).url($0.member(address.name) ?? $0, address.value)
        }
    }

    /// What a definition says of its facts and of the API's life is for people: `definitions`, and `check`.
    func life(_ reader: inout ConfigReader) -> Instant? {
        _ = reader.optionalChoice("verified", of: Verification.self)
        _ = reader.optionalString("api_version")
        return reader.optional("api_ends")?.parsed("a date such as 2027-07-01") { Instant(iso8601: $0) }
    }

    /// How a definition's facts were verified.
    private enum Verification: String, CaseIterable {
        case server
        case examples
        case documentation
    }

    func checkInsecure(_ base: URLReference, _ allowed: Bool, _ reader: ConfigReader) {
        guard base.scheme == "http", !base.isLoopback, !allowed else { return }
        reader.error(
            "base_url",
            "sends credentials unencrypted to \(base.host)",
            "use https://, or set allow_insecure: true if the network is trusted"
        )
    }

    /// Values of the connector file; those that the definition asks for are missed in its words.
    func settings(_ reader: inout ConfigReader) -> [String: TemplateVariables.Value] {
        let item = reader.optional("settings")
        item.map(SecretPlaces.check)
        let entries = item?.entries { _, item in item.json() } ?? []
        let settings = Dictionary(
            entries.map { ("settings." + $0.name, TemplateVariables.Value.json($0.value)) },
            uniquingKeysWith: { _, last in last }
        )
        for (name, meaning) in reader.optionalStringMap("required_settings") {
            if let value = settings["settings." + name] {
                guard value.text.isEmpty else { continue }
                item?.member(name)?.error("is empty: \(meaning)", "write it")
                continue
            }
            reader.error("settings", "has no \"\(name)\": \(meaning)", "add settings: { \(name): \"…\" }")
        }
        return settings
    }
}

extension ConfigReader {
    /// A member of a member, where it is written.
    func member(of key: String, _ name: String) -> ConfigItem? {
        var reader = self
        return reader.optional(key)?.member(name)
    }
}
