import AITBCConnectors
import ConnectorConfiguration
import ConnectorCore

/// `check --examples`: exchanges as vendors document them, and what the definitions make of them, without a network.
struct ExamplesCheck {
    private let places: Places
    private let clocks: any Clocks

    init(_ places: Places, clocks: any Clocks) {
        self.places = places
        self.clocks = clocks
    }

    /// Beside the shipped definitions, and beside those of the configuration.
    private var folders: [String] {
        [Self.sibling(of: places.definitions), "\(places.configuration)/examples"]
    }

    private static func sibling(of definitions: String) -> String {
        let parts = definitions.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let trimmed = parts.last == "" ? parts.dropLast() : parts[...]
        return (trimmed.dropLast() + ["examples"]).joined(separator: "/")
    }

    /// Of the named definitions, or of all that have examples.
    func run(_ names: [String]) async -> ExitCode {
        let (definitions, mistakes) = ConfigurationLoader(places: places).definitionsAndMistakes()
        Terminal.complain(mistakes)
        guard mistakes.isEmpty else { return .configuration }
        for name in names where definitions[name] == nil {
            Terminal.complain(UnknownDefinition.text(name, among: definitions.keys))
            return .usage
        }
        var hasFailed = false
        for name in names.isEmpty ? definitions.keys.sorted() : names {
            let files = files(of: name)
            guard !files.isEmpty else {
                if !names.isEmpty {
                    Terminal.complain("\(name): no examples in \(folders.joined(separator: "/\(name) or "))/\(name)")
                }
                hasFailed = hasFailed || !names.isEmpty
                continue
            }
            var count = 0
            var wrong: [String] = []
            for file in files { wrong += await differences(in: file, of: name, definitions, &count) }
            Terminal.complain(wrong)
            hasFailed = hasFailed || !wrong.isEmpty
            if wrong.isEmpty { Terminal.say("\(name): \(Counted.text(count, "example")), all as they should be") }
        }
        return hasFailed ? .failure : .success
    }

    private func files(of name: String) -> [String] {
        folders.flatMap { folder -> [String] in
            guard case .names(let names) = ConfigFile.names(in: "\(folder)/\(name)") else { return [] }
            return names.map { "\(folder)/\(name)/\($0).json5" }
        }
    }

    private func differences(
        in path: String,
        of name: String,
        _ definitions: [String: LocatedValue],
        _ count: inout Int
    ) async -> [String] {
        let diagnostics = DiagnosticCollector()
        guard let value = ConfigFile.read(path, diagnostics),
            let file = ExampleReader(diagnostics).read(value),
            let connector = connector(name, file, definitions, diagnostics), diagnostics.mistakes.isEmpty
        else { return diagnostics.mistakes }
        let trial = ExampleTrial(connector, clocks: clocks)
        var wrong: [String] = []
        for example in file.examples {
            count += 1
            let differences = await trial.differences(example)
            wrong += differences.map { "\(example.location): \(example.name): \($0)".escapingControls() }
        }
        return wrong
    }

    /// With what the file says of it; a secret stands there as a text, since none is one.
    private func connector(
        _ name: String,
        _ file: ExampleFile,
        _ definitions: [String: LocatedValue],
        _ diagnostics: DiagnosticCollector
    ) -> ConnectorDefinition? {
        let own = JSON5Reader.read(Array("{ definition: \"\(name)\" }".utf8), file: name, diagnostics: diagnostics)
        guard let own else { return nil }
        let reader = ConnectorReader(
            resolver: SystemResolver(needsCredentials: false),
            defaultSink: "file",
            sinks: ["file"],
            diagnostics: diagnostics,
            needsStreams: false
        )
        return reader.read(file.connector.map { own.merging($0) } ?? own, name: name, definitions: definitions)
    }
}

extension DiagnosticCollector {
    /// Warnings are of files that are in use: no secret of an example is one.
    fileprivate var mistakes: [String] { diagnostics.filter { $0.severity == .error }.map(\.description) }
}
