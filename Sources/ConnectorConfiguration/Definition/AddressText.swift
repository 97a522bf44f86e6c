import ConnectorCore

/// An address with the connector file's settings in it: a site, a tenant, an organisation.
struct AddressText {
    static let form = "an absolute URL such as \"https://api.example.com\""

    let settings: [String: TemplateVariables.Value]

    /// Nil also where a setting is missing, which has been told.
    func url(_ item: ConfigItem, _ text: String?) -> URLReference? {
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
        guard values.allSatisfy({ $0.utf8.allSatisfy(Self.isPlain) && !$0.isEmpty && $0.first != "." }) else {
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
}
