import ConnectorCore

/// What a person hears who names a definition that there is not.
enum UnknownDefinition {
    static func text(_ name: String, among names: some Collection<String>) -> String {
        let nearest = NearestName.of(name, among: names).map { "did you mean \"\($0)\"?" }
        let known = "known: \(names.sorted().joined(separator: ", "))"
        return "there is no definition \"\(name.escapingControls(maximumBytes: 64))\"; \(nearest ?? known)"
    }
}
