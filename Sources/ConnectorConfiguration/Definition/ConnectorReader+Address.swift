import ConnectorCore

/// Where a connector's server is, and what of its address and paths only the one knows who uses it.
extension ConnectorReader {
    private static let form = "an absolute URL such as \"https://api.example.com\""

    func baseURL(_ reader: inout ConfigReader) -> URLReference? {
        reader.required("base_url", Self.form).flatMap { url($0, $0.parsed(Self.form) { $0 }, [:]) }
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
        guard !reader.contains("base_url"), let address = environments.first(where: { $0.name == chosen }) else {
            return reader.required("base_url", Self.form).flatMap { url($0, $0.parsed(Self.form) { $0 }, settings) }
        }
        reader.allow("base_url")
        return reader.optional("environments").flatMap { url($0.member(address.name) ?? $0, address.value, settings) }
    }

    /// Nil also where a setting is missing, which has been told.
    private func url(
        _ item: ConfigItem,
        _ text: String?,
        _ settings: [String: TemplateVariables.Value]
    ) -> URLReference? {
        guard let text else { return nil }
        guard let template = Template(text) else {
            item.error("has a placeholder that is not closed", "write placeholders as ${settings.NAME}")
            return nil
        }
        var variables = TemplateVariables()
        for (name, value) in settings { variables[name] = value }
        for name in template.variables where settings[name] == nil {
            let setting = name.hasPrefix("settings.") ? String(name.dropFirst("settings.".count)) : nil
            let remedy =
                setting.map { "add settings: { \($0): … }" } ?? "an address knows settings only: ${settings.NAME}"
            item.error("needs ${\(name)}, which has no value", remedy)
        }
        guard let filled = template.fill(variables) else { return nil }
        // What a person enters must not lead to another host, or into a path.
        let values = template.variables.compactMap { settings[$0]?.text }
        guard values.allSatisfy({ $0.utf8.allSatisfy(Self.isPlain) && !$0.isEmpty }) else {
            item.error(
                "is filled with a setting that can't stand in an address",
                "write letters, digits, dots and dashes"
            )
            return nil
        }
        let isWhole = !filled.contains { $0 == "?" || $0 == "#" }
        guard isWhole, let url = URLReference(filled.last == "/" ? String(filled.dropLast()) : filled) else {
            item.error("is not \(Self.form)", "write \(Self.form)")
            return nil
        }
        return url
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        }
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
        for (name, meaning) in reader.optionalStringMap("required_settings") where settings["settings." + name] == nil {
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
