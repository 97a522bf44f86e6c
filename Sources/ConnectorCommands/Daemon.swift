import ConnectorConfiguration
import ConnectorCore
import ConnectorDaemon
import Glibc
import HTTPListener
import SystemdService

/// The daemon's life: start, serve signals, stop.
struct Daemon {
    private let wiring: Wiring
    private let configuration: Configuration
    private let store: any StateKeeper
    private let log: ServiceLog
    /// The log, with everything counted that goes there.
    private let events: EventLedger
    private let systemd: SystemdVoice

    init(_ wiring: Wiring, _ configuration: Configuration, _ store: any StateKeeper, _ log: ServiceLog) {
        self.wiring = wiring
        self.configuration = configuration
        self.store = store
        self.log = log
        events = EventLedger(log)
        systemd = SystemdVoice(events)
    }

    func run() async -> ExitCode {
        // Before anything else: a signal that comes early must not end the process half way.
        let (signals, received) = ProcessSignals.stream()
        let transport: any HTTPEngine
        do throws(TransportError) {
            transport = try wiring.transport(configuration)
        } catch {
            events.record(.unresponsive("the HTTP engine: \(error)"))
            return .internal
        }
        let door: FrontDoor
        let parts: Parts
        do {
            let sockets = try activatedSockets()
            let isPrivate = FrontDoor.isPrivate(configuration.daemon.listener, sockets)
            parts = Parts(self, transport, believesUnsigned: isPrivate)
            parts.intake.open(configuration.connectors, closed: configuration.disabled.map(\.name))
            let (intake, routes) = (parts.intake, parts.routes)
            door = try FrontDoor(configuration.daemon.listener, inherited: sockets, intake: intake, status: routes)
        } catch {
            events.record(.listenerFailed(reason: "\(error)"))
            await transport.shutdown()
            await store.close()
            return .temporary
        }
        for address in door.addresses { events.record(.listening(address: address)) }
        let control = await start(parts)
        let watchdog = startWatchdog(parts.health)
        let inspection = startInspection(parts.supervisor)
        await serve(received, parts)
        watchdog?.cancel()
        inspection.cancel()
        parts.routes.setReady(false)
        await door.close()
        await drain(parts.supervisor, transport)
        // Who waits for a sync hears how it ended.
        await control?.stop()
        await store.close()
        events.record(.stopped)
        withExtendedLifetime(signals) {}
        return .success
    }

    /// What works together while the daemon lives.
    private struct Parts {
        let supervisor: Supervisor
        let intake: WebhookIntake
        let board: StatusBoard
        let reloader: Reloader
        let routes: StatusRoutes
        let health: [HealthReporter.Part]

        init(_ daemon: Daemon, _ transport: any HTTPEngine, believesUnsigned: Bool) {
            let (wiring, configuration, store) = (daemon.wiring, daemon.configuration, daemon.store)
            let (events, systemd) = (daemon.events, daemon.systemd)
            let services = wiring.services(configuration, transport: transport, store: store, events: events)
            let supervisor = Supervisor(services: services, maximumRuns: configuration.daemon.maximumConcurrentSyncs) {
                systemd.status($0.sentence)
            }
            self.supervisor = supervisor
            intake = WebhookIntake(
                inbox: store,
                clocks: wiring.clocks,
                events: events,
                believesUnsigned: believesUnsigned
            ) { streams in
                Task { await supervisor.eventsArrived(in: streams) }
            }
            board = StatusBoard(
                DaemonStatus.Daemon(version: Version.text, pid: getpid(), started: wiring.clocks.now),
                sources: .init(supervisor: supervisor, store: store, intake: intake),
                clocks: wiring.clocks
            )
            reloader = Reloader(
                places: wiring.places,
                configuration: configuration,
                log: daemon.log,
                events: events,
                supervisor: supervisor,
                intake: intake,
                board: board
            )
            health = [
                .init("the supervisor") {
                    await supervisor.ping()
                    return true
                },
                .init("the HTTP engine") { await transport.answers() },
                .init("the state writer") {
                    await store.ping()
                    return true
                },
            ]
            routes = StatusRoutes(
                rule: configuration.daemon.listener?.status ?? .local,
                token: configuration.daemon.listener?.statusToken,
                board: board,
                ledger: events,
                parts: health,
                clocks: wiring.clocks
            )
        }
    }

    private func start(_ parts: Parts) async -> HTTPListener? {
        await parts.supervisor.start(configuration.connectors, disabled: disabledReasons(configuration))
        await parts.supervisor.resumeEvents()
        let control = openControl(parts)
        events.record(.started(connectors: configuration.connectors.count, version: Version.text))
        parts.routes.setReady(true)
        await ready(parts.supervisor)
        return control
    }

    private func ready(_ supervisor: Supervisor) async {
        let sentence = await supervisor.summary.sentence
        systemd.tell { (notifier) throws(SystemdError) in try notifier.ready(status: sentence) }
    }

    private func disabledReasons(_ configuration: Configuration) -> [String: String] {
        Dictionary(configuration.disabled.map { ($0.name, $0.lines.joined(separator: "; ")) }) { first, _ in first }
    }

    private func startWatchdog(_ parts: [HealthReporter.Part]) -> Task<Void, Never>? {
        guard let interval = systemd.notifier.watchdogInterval else { return nil }
        let systemd = systemd
        let reporter = HealthReporter(parts: parts, interval: interval / 2, clocks: wiring.clocks, events: events) {
            systemd.tell { (notifier) throws(SystemdError) in try notifier.watchdog() }
        }
        return Task { await reporter.run() }
    }

    /// With a connection of its own: runs go on beside it.
    private func startInspection(_ supervisor: Supervisor) -> Task<Void, Never> {
        let wiring = wiring
        let inspection = StateInspection(clocks: wiring.clocks, events: events, isIdle: { await supervisor.isIdle }) {
            () async throws(StateError) in
            guard let store = try wiring.readOnlyStore(besideDaemon: true) else { return [] }
            let damages = try await store.damages()
            await store.close()
            return damages
        }
        return Task { await inspection.run() }
    }

    /// Nil, and a line that says so, where the socket can't be had: SIGHUP reloads, too.
    private func openControl(_ parts: Parts) -> HTTPListener? {
        let control = ControlSocket(reloader: parts.reloader, supervisor: parts.supervisor, board: parts.board)
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
        _ parts: Parts
    ) async {
        for await signal in received {
            switch signal {
            case .hangUp:
                let now = wiring.clocks.monotonic
                systemd.tell { (notifier) throws(SystemdError) in try notifier.reloading(at: now) }
                _ = await parts.reloader.reload()
                await ready(parts.supervisor)
            case .terminate:
                events.record(.stopping(reason: "SIGTERM"))
                return
            case .interrupt:
                events.record(.stopping(reason: "SIGINT"))
                return
            }
        }
    }

    /// How long runs may take to end whose transfers were cut.
    private static let lastPatience: Duration = .seconds(2)

    /// Ends within the shutdown timeout; the state is valid at any instant anyway.
    private func drain(_ supervisor: Supervisor, _ transport: any HTTPEngine) async {
        let timeout = configuration.daemon.shutdownTimeout
        systemd.tell { (notifier) throws(SystemdError) in
            try notifier.stopping(status: "stopping: runs end at their next page")
            try notifier.extendTimeout(timeout + .seconds(5))
        }
        let drained = Task { await supervisor.drain() }
        let isDrained = await Patience.wait(timeout, by: wiring.clocks, for: { await drained.value }) != nil
        // What is still under way then is cut: it fails, and is undone by the next start's checkpoint.
        await transport.shutdown()
        if !isDrained { _ = await Patience.wait(Self.lastPatience, by: wiring.clocks, for: { await drained.value }) }
    }
}
