import AITBCConnectors
import ConnectorConfiguration
import ConnectorCore
import ConnectorDaemon
import CurlTransport
import StateStore
import SystemdService

/// The only file that names concrete adapters: which pieces meet.
struct Wiring {
    let places: Places
    let clocks: any Clocks = SystemClocks()

    /// The log: the journal with fields where standard error is connected to it, else readable lines.
    func events(_ configuration: Configuration) -> ServiceLog {
        let lines = StandardErrorSink(clocks: clocks, showsFields: configuration.daemon.logLevel == .debug)
        let sink: any LogSink =
            JournalSink.isStderrTheJournal ? JournalSink(identifier: "aitbc-connectord", fallback: lines) : lines
        return ServiceLog(sink, clocks: clocks, for: configuration)
    }

    func transport(
        _ configuration: Configuration,
        notesHandshakes: Bool = false
    ) throws(TransportError) -> any HTTPEngine {
        var settings = CurlTransport.Configuration()
        settings.maximumConnections = configuration.daemon.maximumConnections
        settings.maximumConnectionsPerHost = max(1, configuration.daemon.maximumConnections / 4)
        settings.userAgent = "aitbc-connectord/\(Version.text)"
        settings.notesHandshakes = notesHandshakes
        return try CurlTransport(configuration: settings)
    }

    /// To the daemon, by its socket.
    func controlTransport() throws(TransportError) -> any HTTPEngine {
        var settings = CurlTransport.Configuration()
        settings.unixSocket = ControlSocket.path(places)
        return try CurlTransport(configuration: settings)
    }

    var tokenStore: FileTokenStore { FileTokenStore(directory: "\(places.state)/tokens", clocks: clocks) }

    /// Runs operations of one connector; it owns its transport.
    func engine(_ connector: ConnectorDefinition, _ configuration: Configuration) throws -> ConnectorEngine {
        try ServiceUser.become(ownerOf: places.state)
        return try ConnectorEngine(
            connector,
            transport: nil,
            userAgent: "aitbc-connectord/\(Version.text)",
            auditLog: EventAuditLog(events(configuration)),
            tokenStore: tokenStore,
            clocks: clocks
        )
    }

    /// Tells `events` where it begins anew in the place of a damaged one.
    func store(_ events: any EventSink) throws(StateError) -> any StateKeeper {
        try ServiceUser.become(ownerOf: places.state)
        let store = try SQLiteStore.open(directory: places.state, now: clocks.now)
        if !store.beganBeside.isEmpty { events.record(.stateBegan(places.state, beside: store.beganBeside)) }
        return store
    }

    /// The damaged states that were set aside, by file name.
    func setAsideStates() throws(StateError) -> [String] { try SQLiteStore.asides(in: places.state) }

    /// `besideDaemon`: this process is the daemon.
    func readOnlyStore(besideDaemon: Bool = false) throws(StateError) -> (any StateKeeper)? {
        try SQLiteStore.openReadOnly(directory: places.state, besideDaemon: besideDaemon)
    }

    func services(
        _ configuration: Configuration,
        transport: any HTTPEngine,
        store: any StateKeeper,
        deadLetters: (any DeadLetterStore)? = nil,
        events: any EventSink
    ) -> Services {
        let file = fileSink(configuration)
        var sinks: [String: any Sink] = ["file": file, "stdout": StandardOutputSink()]
        var forwarders: [String: any EventForwarder] = [:]
        for config in [configuration.daemon.aitbc, configuration.daemon.http].compactMap({ $0 }) {
            do throws(SinkError) {
                let sender = try sender(config, transport)
                sinks[config.sinkName] = networkSink(config, sender, deadLetters ?? store, events)
                forwarders[config.sinkName] = sender as? any EventForwarder
            } catch {
                sinks[config.sinkName] = FailingSink(error)
            }
        }
        // A reload may bring a connector that wants one; its records must not go elsewhere meanwhile.
        for name in configuration.daemon.missingSinks {
            let message = "connectord.json5 did not say where the sink \(name) is when the program started"
            sinks[name] = FailingSink(SinkError(message, hint: "restart it"))
        }
        var services = Services(
            transport: transport,
            store: store,
            sinks: sinks,
            defaultSink: sinks[configuration.daemon.sink] ?? file,
            clocks: clocks,
            events: events,
            tokenStore: tokenStore
        )
        services.memory = PageMemory(limit: configuration.daemon.pageMemoryBytes)
        services.inbox = store
        services.deadLetters = store
        services.forwarders = forwarders
        return services
    }

    private func fileSink(_ configuration: Configuration) -> FileSink {
        FileSink(
            directory: configuration.daemon.dataDirectory ?? "\(places.state)/data",
            home: places.state,
            rotateBytes: configuration.daemon.rotateBytes
        )
    }

    /// Where a stream's records go; nil for a stream or a sink that the configuration does not have.
    func sinkIdentity(of stream: StreamID, _ configuration: Configuration) -> SinkIdentity? {
        let daemon = configuration.daemon
        guard let connector = configuration.connectors.first(where: { $0.name == stream.connector }) else { return nil }
        switch connector.streams.first(where: { $0.id == stream })?.sink ?? connector.sink {
        case "file": return fileSink(configuration).identity
        case "stdout": return StandardOutputSink().identity
        case let name: return [daemon.aitbc, daemon.http].compactMap { $0 }.first { $0.sinkName == name }?.identity
        }
    }

    private func sender(
        _ config: NetworkSinkConfig,
        _ transport: any HTTPEngine
    ) throws(SinkError) -> any BatchSender {
        config.format == .records
            ? try AITBCSender(config, transport: transport, tokenStore: tokenStore, clocks: clocks)
            : HTTPSender(config, transport: transport, tokenStore: tokenStore, clocks: clocks)
    }

    private func networkSink(
        _ config: NetworkSinkConfig,
        _ sender: any BatchSender,
        _ deadLetters: any DeadLetterStore,
        _ events: any EventSink
    ) -> any Sink {
        BatchSink(
            sender,
            identity: config.identity,
            format: config.format,
            rule: config.batches,
            deadLetters: deadLetters,
            clocks: clocks,
            events: events
        )
    }
}

extension SQLiteStore: StateKeeper {}

extension CurlTransport: HTTPEngine {
    func answers() async -> Bool { await ping() }
}
