import ConnectorCore
import ConnectorDaemon
import CurlTransport
import Glibc
import HTTPListener
import StateStore
import Synchronization
import SystemdService

enum RunCommand: Command {
    static let name = "run"
    static let summary = "run the daemon in the foreground, as systemd does"
    static let usage = "run"
    static let options: [Arguments.Option] = []
    static let example = "aitbc-connectord run --config ./config --state ./state"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let configuration = ConfigurationLoader(places: places).load()
        let wiring = Wiring(places: places)
        let events = wiring.events(configuration)
        guard configuration.errors.isEmpty else {
            events.record(.configurationRefused(lines: configuration.errors))
            return .configuration
        }
        for (name, lines) in configuration.disabled { events.record(.connectorDisabled(connector: name, lines: lines)) }
        for line in configuration.warnings { events.record(.configurationWarning(line: line)) }
        guard !configuration.connectors.isEmpty || configuration.disabled.isEmpty else {
            events.record(.configurationRefused(lines: ["every connector is disabled: nothing to run"]))
            return .configuration
        }
        do throws(StateError) {
            let store = try wiring.store()
            return await Daemon(wiring, configuration, store, events).run()
        } catch {
            events.record(.stateFailed(error))
            switch error.code {
            // A damaged or newer state needs a person: a restart would not mend it.
            case .corrupt, .newerSchema: return .configuration
            case .inUse: return .temporary
            default: return .stateIO
            }
        }
    }
}

/// The daemon's life: start, serve signals, stop.
struct Daemon {
    private let wiring: Wiring
    private let configuration: Configuration
    private let store: SQLiteStore
    private let events: ServiceLog
    private let systemd: SystemdVoice

    init(_ wiring: Wiring, _ configuration: Configuration, _ store: SQLiteStore, _ events: ServiceLog) {
        self.wiring = wiring
        self.configuration = configuration
        self.store = store
        self.events = events
        systemd = SystemdVoice(events)
    }

    func run() async -> ExitCode {
        // Before anything else: a signal that comes early must not end the process half way.
        let (signals, received) = ProcessSignals.stream()
        let transport: CurlTransport
        do throws(TransportError) {
            transport = try wiring.transport(configuration)
        } catch {
            events.record(.unresponsive("the HTTP engine: \(error)"))
            return .internal
        }
        let services = wiring.services(configuration, transport: transport, store: store, events: events)
        let systemd = systemd
        let supervisor = Supervisor(services: services, maximumRuns: configuration.daemon.maximumConcurrentSyncs) {
            systemd.status($0.sentence)
        }
        let intake = WebhookIntake(inbox: store, clocks: wiring.clocks, events: events) { streams in
            Task { await supervisor.eventsArrived(in: streams) }
        }
        intake.open(configuration.connectors)
        let door: FrontDoor
        do {
            door = try FrontDoor(configuration.daemon.listener, inherited: activatedSockets(), intake: intake)
        } catch {
            events.record(.listenerFailed(reason: "\(error)"))
            await transport.shutdown()
            await store.close()
            return .temporary
        }
        for address in door.addresses { events.record(.listening(address: address)) }
        await supervisor.start(configuration.connectors, disabled: disabledReasons(configuration))
        await supervisor.resumeEvents()
        events.record(.started(connectors: configuration.connectors.count, version: Version.text))
        await ready(supervisor)
        let health = startHealth(supervisor, transport)
        let reloader = Reloader(
            places: wiring.places,
            configuration: configuration,
            events: events,
            supervisor: supervisor,
            intake: intake
        )
        let board = StatusBoard(
            DaemonStatus.Daemon(version: Version.text, pid: getpid(), started: wiring.clocks.now),
            sources: .init(supervisor: supervisor, store: store, intake: intake),
            clocks: wiring.clocks
        )
        let control = openControl(ControlSocket(reloader: reloader, supervisor: supervisor, board: board))
        await serve(received, supervisor, reloader)
        health?.cancel()
        await door.close()
        await drain(supervisor, transport)
        // Who waits for a sync hears how it ended.
        await control?.stop()
        await store.close()
        events.record(.stopped)
        withExtendedLifetime(signals) {}
        return .success
    }

    private func ready(_ supervisor: Supervisor) async {
        let sentence = await supervisor.summary.sentence
        systemd.tell { (notifier) throws(SystemdError) in try notifier.ready(status: sentence) }
    }

    private func disabledReasons(_ configuration: Configuration) -> [String: String] {
        Dictionary(configuration.disabled.map { ($0.name, $0.lines.first ?? "") }) { first, _ in first }
    }

    private func startHealth(_ supervisor: Supervisor, _ transport: CurlTransport) -> Task<Void, Never>? {
        guard let interval = systemd.notifier.watchdogInterval else { return nil }
        let (systemd, store) = (systemd, store)
        let reporter = HealthReporter(
            parts: [
                .init("the supervisor") {
                    await supervisor.ping()
                    return true
                },
                .init("the HTTP engine") { await transport.ping() },
                .init("the state writer") {
                    await store.ping()
                    return true
                },
            ],
            interval: interval / 2,
            events: events
        ) {
            systemd.tell { (notifier) throws(SystemdError) in try notifier.watchdog() }
        }
        return Task { await reporter.run() }
    }

    /// Nil, and a line that says so, where the socket can't be had: SIGHUP reloads, too.
    private func openControl(_ control: ControlSocket) -> HTTPListener? {
        do throws(ListenerError) {
            return try control.listen(wiring.places)
        } catch {
            events.record(.controlFailed(reason: "\(error)"))
            return nil
        }
    }

    /// Until a signal asks to stop.
    private func serve(
        _ received: AsyncStream<ProcessSignal>,
        _ supervisor: Supervisor,
        _ reloader: Reloader
    ) async {
        for await signal in received {
            switch signal {
            case .hangUp:
                let now = wiring.clocks.monotonic
                systemd.tell { (notifier) throws(SystemdError) in try notifier.reloading(at: now) }
                _ = await reloader.reload()
                await ready(supervisor)
            case .terminate:
                events.record(.stopping(reason: "SIGTERM"))
                return
            case .interrupt:
                events.record(.stopping(reason: "SIGINT"))
                return
            }
        }
    }

    /// Ends within the shutdown timeout; the state is valid at any instant anyway.
    private func drain(_ supervisor: Supervisor, _ transport: CurlTransport) async {
        let timeout = configuration.daemon.shutdownTimeout
        systemd.tell { (notifier) throws(SystemdError) in
            try notifier.stopping(status: "stopping: runs end at their next page")
            try notifier.extendTimeout(timeout + .seconds(5))
        }
        let isDrained = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await supervisor.drain()
                return true
            }
            group.addTask {
                do {
                    try await Task.sleep(for: timeout)
                } catch {
                    return true
                }
                return false
            }
            let first = await group.next() ?? true
            if !first { await transport.shutdown() }
            group.cancelAll()
            return first
        }
        if isDrained { await transport.shutdown() }
    }
}

/// Tells systemd, and the log when that fails: once, since a lost notification is no reason to stop.
final class SystemdVoice: Sendable {
    let notifier = ServiceNotifier.fromEnvironment()
    private let events: any EventSink
    private let lastStatus = Mutex("")

    init(_ events: any EventSink) {
        self.events = events
    }

    func tell(_ send: (ServiceNotifier) throws(SystemdError) -> Void) {
        do throws(SystemdError) {
            try send(notifier)
        } catch {
            events.record(.notifyFailed(error.description))
        }
    }

    /// The status line, where it has changed.
    func status(_ sentence: String) {
        let isNew = lastStatus.withLock { last in
            defer { last = sentence }
            return last != sentence
        }
        if isNew { tell { (notifier) throws(SystemdError) in try notifier.status(sentence) } }
    }
}
