import ConnectorConfiguration
package import ConnectorCore

/// Makes a connector of a definition's text and settings, with the reader of the daemon's files.
package enum DefinitionText {
    package static func connector(
        name: String,
        definition: String,
        settings: JSONValue
    ) throws(ConfigurationError) -> ConnectorDefinition {
        let diagnostics = DiagnosticCollector()
        let connector = read(name, definition, settings, diagnostics)
        let mistakes = diagnostics.diagnostics.filter { $0.severity == .error }
        guard let connector, mistakes.isEmpty else {
            throw ConfigurationError(
                ErrorContext(
                    "the connector \(name) can't be used: " + mistakes.map(\.description).joined(separator: "; "),
                    code: "CONFIGURATION_ERROR",
                    details: .object(mistakes.map { .init($0.key, .string("\($0.problem); \($0.remedy)")) }),
                    hint: "correct the named settings"
                )
            )
        }
        return connector
    }

    private static func read(
        _ name: String,
        _ definition: String,
        _ settings: JSONValue,
        _ diagnostics: DiagnosticCollector
    ) -> ConnectorDefinition? {
        let file = JSONValue.object([.init("definition", "definition")] + (settings.members ?? []))
        let known = JSON5Reader.read(Array(definition.utf8), file: "definition", diagnostics: diagnostics)
        let own = JSON5Reader.read(file.bytes, file: "settings", diagnostics: diagnostics)
        guard let known, let own else { return nil }
        let reader = ConnectorReader(
            resolver: ReferenceResolver(),
            defaultSink: "none",
            sinks: ["none"],
            diagnostics: diagnostics,
            needsStreams: false
        )
        return reader.read(own, name: name, definitions: ["definition": known])
    }
}
