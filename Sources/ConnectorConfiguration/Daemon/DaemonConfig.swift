package import ConnectorCore

/// The daemon's own settings: `connectord.json5`.
package struct DaemonConfig: Sendable, Equatable {
    package var logLevel: LogEntry.Level = .info
    /// The sink of connectors that name none.
    package var sink = "file"
    /// Where the file sink writes; nil for `data` in the state directory.
    package var dataDirectory: String?
    /// A file of the file sink is followed by a new one beyond this size.
    package var rotateBytes: Int64 = 256 << 20
    /// Runs at a time over all connectors: each holds a page or two in memory.
    package var maximumConcurrentSyncs = 16
    /// Connections at a time.
    package var maximumConnections = 100
    /// What pages hold together, from an answer's first byte until its records are written; the largest page passes alone.
    package var pageMemoryBytes = 128 << 20
    /// A stop waits so long for pages under way.
    package var shutdownTimeout: Duration = .seconds(20)

    /// Where the sink `aitbc` is; nil where the file has no such section.
    package var aitbc: NetworkSinkConfig?
    /// The same for `http`.
    package var http: NetworkSinkConfig?

    /// Nil where nothing listens, unless systemd passes a socket.
    package var listener: ListenerConfig?

    package static let sinkNames = SinkName.allCases.map(\.rawValue)

    /// Sinks that lack the section which says where they are.
    package var missingSinks: [String] {
        (aitbc == nil ? ["aitbc"] : []) + (http == nil ? ["http"] : [])
    }

    /// Names of settings that differ and that no reload takes over.
    package func settingsForTheNextStart(in fresh: DaemonConfig) -> [String] {
        [
            ("sink", sink != fresh.sink), ("data_directory", dataDirectory != fresh.dataDirectory),
            ("rotate_bytes", rotateBytes != fresh.rotateBytes),
            ("max_concurrent_syncs", maximumConcurrentSyncs != fresh.maximumConcurrentSyncs),
            ("max_connections", maximumConnections != fresh.maximumConnections),
            ("page_memory_bytes", pageMemoryBytes != fresh.pageMemoryBytes),
            ("shutdown_timeout", shutdownTimeout != fresh.shutdownTimeout), ("aitbc", aitbc != fresh.aitbc),
            ("http", http != fresh.http), ("listener", listener != fresh.listener),
        ].filter(\.1).map(\.0)
    }

    package init() {}

    package init(_ value: LocatedValue, resolver: any ConfigResolver, diagnostics: DiagnosticCollector) {
        var config = DaemonConfig()
        let sinks = NetworkSinkReader(resolver: resolver, diagnostics: diagnostics)
        _ = ConfigReader.read(value, diagnostics: diagnostics) { reader -> Bool? in
            config.logLevel = reader.optionalChoice("log_level", of: LogEntry.Level.Name.self)?.level ?? .info
            config.sink = reader.optionalChoice("sink", of: SinkName.self)?.rawValue ?? "file"
            config.dataDirectory = reader.optionalString("data_directory")
            config.rotateBytes = Int64(
                reader.optionalInteger("rotate_bytes", range: 1_048_576...Int(1) << 40, default: 256 << 20)
            )
            config.maximumConcurrentSyncs = reader.optionalInteger("max_concurrent_syncs", range: 1...256, default: 16)
            config.maximumConnections = reader.optionalInteger("max_connections", range: 1...1_000, default: 100)
            config.pageMemoryBytes = reader.optionalInteger(
                "page_memory_bytes",
                range: (16 << 20)...(1 << 40),
                default: 128 << 20
            )
            config.shutdownTimeout = reader.optionalDuration(
                "shutdown_timeout",
                range: .seconds(1)...(.seconds(3_600)),
                default: .seconds(20)
            )
            config.aitbc = reader.optionalObject("aitbc", sinks.aitbc)
            config.http = reader.optionalObject("http", sinks.http)
            config.listener = reader.optionalObject("listener") { ListenerConfig(&$0, resolver: resolver) }
            if config.missingSinks.contains(config.sink), !reader.contains(config.sink) {
                let example = config.sink == "aitbc" ? "base_url: …, api_key: …" : "url: …"
                reader.error("sink", "\"\(config.sink)\" is nowhere", "add \(config.sink): { \(example) }")
            }
            return true
        }
        self = config
    }

    private enum SinkName: String, CaseIterable {
        case file, stdout, aitbc, http
    }
}
