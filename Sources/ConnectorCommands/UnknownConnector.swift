import ConnectorCore

/// What a person hears who names a connector that there is not.
enum UnknownConnector {
    /// More names are no help in a line.
    private static let toldNames = 8

    static func text(_ name: String, among names: [String]) -> String {
        let problem = "there is no connector \(name.escapingControls(maximumBytes: 64))"
        if let nearest = NearestName.of(name, among: names) { return "\(problem); did you mean \(nearest)?" }
        if names.isEmpty { return "\(problem): there is none at all; `init` writes one" }
        let told = names.sorted().prefix(toldNames).joined(separator: ", ")
        return "\(problem); there \(names.count == 1 ? "is" : "are") \(told)\(names.count > toldNames ? ", …" : "")"
    }
}
