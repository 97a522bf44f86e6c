import AITBCConnectors
import ConnectorCore
import ConnectorDaemon

/// `check --connect`: asks each connector's server something cheap, and says what came of it.
struct ConnectionCheck {
    private let configuration: Configuration
    private let wiring: Wiring

    /// Servers that are asked at a time: a hundred connectors are done in a few seconds, and none is crowded.
    private static let width = 8

    init(_ configuration: Configuration, _ wiring: Wiring) {
        self.configuration = configuration
        self.wiring = wiring
    }

    /// Of the named connectors, or of all.
    func run(_ names: [String]) async -> ExitCode {
        Terminal.complain(configuration.allLines)
        guard configuration.errors.isEmpty else { return .configuration }
        let known = Set(configuration.connectors.map(\.name) + configuration.disabled.map(\.name))
        for name in names where !known.contains(name) {
            Terminal.complain(UnknownConnector.text(name, among: Array(known)))
            return .usage
        }
        let isChosen = { (name: String) in names.isEmpty || names.contains(name) }
        let isDisabled = configuration.disabled.contains { isChosen($0.name) }
        let failures = await ask(configuration.connectors.filter { isChosen($0.name) })
        if isDisabled { return .configuration }
        return failures ? .failure : .success
    }

    /// Whether any has failed.
    private func ask(_ connectors: [ConnectorDefinition]) async -> Bool {
        let transport: any HTTPEngine
        do throws(TransportError) {
            transport = try wiring.transport(configuration, notesHandshakes: true)
        } catch {
            Terminal.complain("\(error)")
            return true
        }
        var accounts = Accounts(clocks: wiring.clocks)
        let gates = accounts.gates(for: connectors)
        let services = Services(
            transport: transport,
            store: InMemoryStore(),
            sinks: [:],
            defaultSink: StandardOutputSink(),
            clocks: wiring.clocks,
            events: wiring.events(configuration),
            tokenStore: wiring.tokenStore
        )
        let redactor = configuration.redactor
        let hasFailed = await withTaskGroup(of: Bool.self) { group in
            var waiting = connectors[...]
            func addNext() {
                guard let connector = waiting.popFirst(), let gate = gates[connector.name] else { return }
                let runner = ConnectorRunner(connector, gate: gate, services: services)
                group.addTask { await ConnectionCheck.ask(runner, transport, wiring.clocks, redactor) }
            }
            for _ in 0..<Self.width { addNext() }
            var hasFailed = false
            for await isGood in group {
                if !isGood { hasFailed = true }
                addNext()
            }
            return hasFailed
        }
        await transport.shutdown()
        return hasFailed
    }

    private static func ask(
        _ runner: ConnectorRunner,
        _ transport: any HTTPEngine,
        _ clocks: any Clocks,
        _ redactor: Redactor
    ) async -> Bool {
        let began = clocks.monotonic
        do throws(SyncFailure) {
            guard let (asked, hints) = try await runner.check() else {
                Terminal.say("\(runner.connector.name): nothing to ask, it has no lists")
                return true
            }
            let span = (clocks.monotonic - began).friendlyText
            let tls = transport.agreedTLS(at: runner.connector.baseURL.text).map { " over \($0)" } ?? ""
            Terminal.say("\(runner.connector.name): ok, \(asked) was answered in \(span)\(tls)")
            for hint in hints { Terminal.say("\(runner.connector.name): hint: \(redactor.redact(hint))") }
            return true
        } catch {
            Terminal.say("\(runner.connector.name): failed: \(redactor.redact(error.description))")
            return false
        }
    }
}
