import ConnectorConfiguration
import ConnectorCore
import FileSystem

/// A whole configuration as read from disk: what runs, what is disabled and why.
struct Configuration {
    var daemon = DaemonConfig()
    var connectors: [ConnectorDefinition] = []
    /// Connectors whose files have mistakes, with the lines that say which.
    var disabled: [(name: String, lines: [String])] = []
    /// Mistakes that no single connector can be blamed for: nothing runs.
    var errors: [String] = []
    /// Sinks that have a place in the file, and none in the running daemon.
    var sinksOfNextStart: [String] = []
    var warnings: [String] = []

    /// Everything that must never be printed.
    var redactor: Redactor {
        var redactor = Redactor()
        addSecrets(to: &redactor)
        return redactor
    }

    func addSecrets(to redactor: inout Redactor) {
        for connector in connectors {
            redactor.add(connector.auth)
            for credential in connector.carried { redactor.add(credential.secret) }
            for secret in connector.webhook?.secrets ?? [] { redactor.add(secret) }
        }
        if let token = daemon.listener?.statusToken { redactor.add(token) }
        for sink in [daemon.aitbc, daemon.http] { if let sink { redactor.add(sink.target.auth) } }
    }

    var allLines: [String] { errors + disabled.flatMap(\.lines) }
}

/// Reads a configuration directory. Every mistake of every file is found in one go.
struct ConfigurationLoader {
    let places: Places
    private let resolver: SystemResolver
    /// Files in one directory; a thousand connectors is the most that was tried.
    static let maximumFiles = 2_000

    /// A command that needs no secret to do its work does well without those that only the service knows.
    init(places: Places, needsSecrets: Bool = true) {
        self.places = places
        resolver = SystemResolver(needsCredentials: needsSecrets)
    }

    /// `inForce`: the settings that a running daemon began with; what it can't change in its life stays, and a warning
    /// says so.
    func load(inForce: DaemonConfig? = nil) -> Configuration {
        var configuration = Configuration()
        guard ConfigFile.exists(places.configuration) else {
            configuration.errors.append(
                "\(places.configuration): there is no such directory; name another with --config"
            )
            return configuration
        }
        let definitions = loadDefinitions(&configuration)
        loadDaemon(&configuration)
        if let inForce { keep(inForce, &configuration) }
        loadConnectors(definitions, &configuration)
        configuration.warnings += resolver.remarks
        let deaf = configuration.connectors.filter { $0.webhook != nil }.map(\.name)
        if !deaf.isEmpty, configuration.daemon.listener == nil {
            configuration.warnings.append(
                "\(deaf.joined(separator: ", ")): a webhook, and no listener in connectord.json5; add listener: {}, unless "
                    + "aitbc-connectord.socket passes one"
            )
        }
        return configuration
    }

    /// A folder that can't be read is not an empty one: a reload would take every connector away.
    private func loadConnectors(_ definitions: [String: LocatedValue], _ configuration: inout Configuration) {
        let folder = "\(places.configuration)/connectors.d"
        switch ConfigFile.names(in: folder) {
        case .absent: configuration.errors.append("\(folder): there is no such directory; make it, it may be empty")
        case .failed(let reason): configuration.errors.append(Self.unreadable(folder, reason))
        case .names(let names) where names.count > Self.maximumFiles:
            configuration.errors.append(
                "\(folder): \(names.count) files, and \(Self.maximumFiles) are the most; \(names[Self.maximumFiles]).json5 "
                    + "is the first too many: run a second service, or put lists together"
            )
        case .names(let names):
            tell(ofStraysIn: folder, "connectors", &configuration)
            if names.isEmpty { configuration.warnings.append("\(folder): no connectors; add one as NAME.json5") }
            for name in names { loadConnector(name, folder, definitions, &configuration) }
        }
    }

    private func tell(ofStraysIn folder: String, _ kind: String, _ configuration: inout Configuration) {
        for name in ConfigFile.strays(in: folder) {
            configuration.warnings.append("\(folder)/\(name): not read; \(kind) are files NAME.json5")
        }
    }

    private static func unreadable(_ folder: String, _ reason: String) -> String {
        "\(folder): can't be read: \(reason); let the service's user read it"
    }

    /// Sinks, listener and limits are made once. Connectors are read with those that there are.
    private func keep(_ inForce: DaemonConfig, _ configuration: inout Configuration) {
        let fresh = configuration.daemon
        let changed = inForce.settingsForTheNextStart(in: fresh)
        if !changed.isEmpty {
            configuration.warnings.append(
                "\(places.configuration)/connectord.json5: \(changed.joined(separator: ", ")): changed, and counts from the "
                    + "next start; restart the service"
            )
        }
        configuration.sinksOfNextStart = inForce.missingSinks.filter { !fresh.missingSinks.contains($0) }
        (configuration.daemon.sink, configuration.daemon.aitbc) = (inForce.sink, inForce.aitbc)
        configuration.daemon.http = inForce.http
    }

    /// What connectors can be made from, by name; those with mistakes are left out.
    func definitions() -> [String: LocatedValue] {
        var ignored = Configuration()
        return loadDefinitions(&ignored)
    }

    /// The same, with the mistakes of those that can't be read.
    func definitionsAndMistakes() -> (definitions: [String: LocatedValue], mistakes: [String]) {
        var configuration = Configuration()
        let definitions = loadDefinitions(&configuration)
        return (definitions, configuration.errors)
    }

    /// The shipped ones, with those of the configuration over them.
    private func loadDefinitions(_ configuration: inout Configuration) -> [String: LocatedValue] {
        var definitions: [String: LocatedValue] = [:]
        for folder in [places.definitions, "\(places.configuration)/definitions"] {
            switch ConfigFile.names(in: folder) {
            // Without a folder of one's own the shipped ones do; a connector that misses its definition says so.
            case .absent: break
            case .failed(let reason): configuration.errors.append(Self.unreadable(folder, reason))
            case .names(let names):
                tell(ofStraysIn: folder, "definitions", &configuration)
                for name in names {
                    let diagnostics = DiagnosticCollector()
                    definitions[name] = ConfigFile.read("\(folder)/\(name).json5", diagnostics)
                    configuration.errors += diagnostics.lines
                }
            }
        }
        return definitions
    }

    private func loadDaemon(_ configuration: inout Configuration) {
        let path = "\(places.configuration)/connectord.json5"
        guard ConfigFile.exists(path) else { return }
        let diagnostics = DiagnosticCollector()
        if let value = ConfigFile.read(path, diagnostics) {
            configuration.daemon = DaemonConfig(value, resolver: resolver, diagnostics: diagnostics)
        }
        if diagnostics.hasErrors {
            configuration.errors += diagnostics.lines
        } else {
            configuration.warnings += diagnostics.lines
        }
    }

    private func loadConnector(
        _ name: String,
        _ folder: String,
        _ definitions: [String: LocatedValue],
        _ configuration: inout Configuration
    ) {
        let path = "\(folder)/\(name).json5"
        let diagnostics = DiagnosticCollector()
        var connector: ConnectorDefinition?
        if !ConnectorName.isValid(name) {
            let location = SourceLocation(file: path, line: 1, column: 1)
            diagnostics.report(
                Diagnostic(
                    location: location,
                    key: "",
                    problem: "the file's name can't be a connector's",
                    remedy: ConnectorName.rule
                )
            )
        } else if let value = ConfigFile.read(path, diagnostics) {
            let reader = ConnectorReader(
                resolver: resolver,
                defaultSink: configuration.daemon.sink,
                sinks: DaemonConfig.sinkNames,
                diagnostics: diagnostics
            )
            connector = reader.read(value, name: name, definitions: definitions)
            if let connector {
                checkSinks(connector, value, configuration, diagnostics)
                checkProof(connector, value, configuration.daemon, diagnostics)
            }
        }
        add(connector, name, diagnostics, &configuration)
    }

    /// A sink that is known but has no address would take nothing.
    private func checkSinks(
        _ connector: ConnectorDefinition,
        _ file: LocatedValue,
        _ configuration: Configuration,
        _ diagnostics: DiagnosticCollector
    ) {
        for sink in configuration.daemon.missingSinks where connector.streams.contains(where: { $0.sink == sink }) {
            diagnostics.report(
                Diagnostic(
                    location: (file["sink"] ?? file).location,
                    key: "sink",
                    problem: "\"\(sink)\" is nowhere",
                    remedy: configuration.sinksOfNextStart.contains(sink)
                        ? "restart the service: connectord.json5 says where since it began"
                        : "add the section \(sink): { … } to connectord.json5"
                )
            )
        }
    }

    /// Whoever reaches a listener may make up events that nobody has to sign.
    private func checkProof(
        _ connector: ConnectorDefinition,
        _ file: LocatedValue,
        _ daemon: DaemonConfig,
        _ diagnostics: DiagnosticCollector
    ) {
        guard connector.webhook?.allowsUnsigned == true, let listener = daemon.listener else { return }
        guard !listener.address.isLocal || listener.publicURL != nil else { return }
        diagnostics.report(
            Diagnostic(
                location: (file["webhook"] ?? file).location,
                key: "webhook.signature",
                problem: "\"none\" believes everyone, and the listener can be reached from other machines",
                remedy: "name the sender's way to sign; \"none\" is for trials on loopback without public_url"
            )
        )
    }

    private func add(
        _ connector: ConnectorDefinition?,
        _ name: String,
        _ diagnostics: DiagnosticCollector,
        _ configuration: inout Configuration
    ) {
        if !diagnostics.hasErrors, let connector {
            configuration.connectors.append(connector)
            configuration.warnings += diagnostics.lines
        } else {
            configuration.disabled.append((name, diagnostics.lines))
        }
    }
}

/// Reads JSON5 files, and creates new ones.
enum ConfigFile {
    enum Creation {
        case created, isThere
        case failed(String)
    }

    /// A file that was not there; everybody may read it, since it names secrets and holds none. Whatever root's umask is:
    /// the service's user reads it.
    static func create(_ path: String, _ bytes: [UInt8]) -> Creation {
        do throws(FileError) {
            let file = try OpenFile(creating: path, mode: 0o644)
            try file.write(bytes, at: 0)
            try file.synchronize()
            return .created
        } catch {
            return error.isThere ? .isThere : .failed(error.reason)
        }
    }

    enum Listing {
        case names([String])
        case absent
        case failed(String)
    }

    /// The names of a folder's `.json5` files, sorted.
    static func names(in folder: String, suffix: String = ".json5") -> Listing {
        do throws(FileError) {
            let names = try Files.names(in: folder).filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
            return .names(names.map { String($0.dropLast(suffix.count)) }.sorted())
        } catch {
            return error.code == FileError.missing ? .absent : .failed(error.reason)
        }
    }

    /// Names in it that are not read and that somebody may take for files that are.
    static func strays(in folder: String) -> [String] {
        guard case .names(let names) = names(in: folder, suffix: "") else { return [] }
        return names.filter(StrayFile.mayBeMeant)
    }

    /// True also for what can't be looked at: reading it says why.
    static func exists(_ path: String) -> Bool { Files.exists(path) }

    static func read(_ path: String, _ diagnostics: DiagnosticCollector) -> LocatedValue? {
        switch bytes(path) {
        case .success(let bytes): return JSON5Reader.read(bytes, file: path, diagnostics: diagnostics)
        case .failure(let error):
            let location = SourceLocation(file: path, line: 1, column: 1)
            diagnostics.report(Diagnostic(location: location, key: "", problem: error.problem, remedy: error.remedy))
            return nil
        }
    }

    /// At most a byte more than the reader takes, so that it can say that a file is too large.
    static func bytes(_ path: String, limit: Int = JSON5Reader.maximumBytes + 1) -> Result<[UInt8], ConfigResolverError>
    {
        do throws(FileError) {
            return .success(try Files.contents(of: path, limit: limit))
        } catch {
            let remedy = error.remedy ?? "see whether it is a regular file that the service's user may read"
            return .failure(ConfigResolverError("can't be read: \(error.reason)", remedy))
        }
    }
}
