import AITBCConnectors
import ConnectorCore
import ConnectorDaemon
import SystemdService

/// A sync without a daemon: this process takes the state's lock, so that two never write one state.
struct SyncAlone {
    let connector: ConnectorDefinition
    let streams: [(stream: StreamDefinition, options: SyncOptions)]
    let configuration: Configuration
    let wiring: Wiring
    let report: SyncReport

    func run() async -> ExitCode {
        do throws(StateError) {
            let events = wiring.events(configuration)
            let store = try wiring.store(events)
            let code = await run(with: store, events)
            await store.close()
            return code
        } catch {
            Terminal.complain("\(error)")
            return error.code == .inUse ? .temporary : .stateIO
        }
    }

    private func run(with store: any StateKeeper, _ events: any EventSink) async -> ExitCode {
        let transport: any HTTPEngine
        do throws(TransportError) {
            transport = try wiring.transport(configuration)
        } catch {
            Terminal.complain("\(error)")
            return .internal
        }
        let services = wiring.services(configuration, transport: transport, store: store, events: QuietRuns(events))
        var accounts = Accounts(clocks: wiring.clocks)
        guard let gate = accounts.gates(for: [connector])[connector.name] else { return .internal }
        let runner = ConnectorRunner(connector, gate: gate, services: services)
        let stopping = Self.stopOnSignal(runner, services, streams.map(\.stream), transport)
        defer { stopping.cancel() }
        var code = ExitCode.success
        for (stream, options) in streams where !stopping.isCancelled {
            let outcome = await runner.sync(stream, options: options, onProgress: report.progress(of: stream.id))
            report.ended(stream.id, outcome)
            if case .failed(_, let failure) = outcome { code = failure.isLocal ? .stateIO : .failure }
            if case .interrupted = outcome {
                code = .temporary
                break
            }
            // The other streams would be refused too, and sources lock accounts that are knocked at too often.
            if case .failed(_, let failure) = outcome, failure.kind == .credentials {
                if stream.id != streams.last?.stream.id {
                    Terminal.complain("\(connector.name): the other streams were not tried, the credential is refused")
                }
                break
            }
        }
        await transport.shutdown()
        return code
    }

    /// The first signal ends the run at its next page, the second one cuts what is under way.
    private static func stopOnSignal(
        _ runner: ConnectorRunner,
        _ services: Services,
        _ streams: [StreamDefinition],
        _ transport: any HTTPEngine
    ) -> Task<Void, Never> {
        let (signals, received) = ProcessSignals.stream()
        return Task {
            var isStopping = false
            for await signal in received where signal != .hangUp {
                if isStopping { await transport.shutdown() }
                isStopping = true
                services.retireSinks()
                for stream in streams { await runner.stop(stream.id) }
            }
            withExtendedLifetime(signals) {}
        }
    }
}

/// Leaves out what the report says anyway.
private struct QuietRuns: EventSink {
    private let events: any EventSink

    init(_ events: any EventSink) {
        self.events = events
    }

    func record(_ event: Event) {
        switch event {
        case .runStarted, .runSucceeded, .runFailed, .runInterrupted, .connectorBlocked: return
        default: events.record(event)
        }
    }
}
