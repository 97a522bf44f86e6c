import AITBCConnectors
import ConnectorCore
import ConnectorDaemon
import CurlTransport
import StateStore
import Synchronization
import SystemdService

enum SyncCommand: Command {
    static let name = "sync"
    static let summary = "sync one connector, or one of its streams, now"
    static let usage = "sync NAME[/STREAM] [--full] [--since TIME] [--json]"
    static let options = [
        Arguments.Option("full", "read everything again; deliver what differs"),
        Arguments.Option("since", value: "TIME", "begin at TIME instead of at the cursor"),
        Arguments.Option("json", "one JSON object a stream"),
    ]
    static let example = "aitbc-connectord sync stripe-eu/charges"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        guard let operand = arguments.operands.first, arguments.operands.count == 1 else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        let configuration = ConfigurationLoader(places: places).load()
        let target = Target(operand)
        guard let connector = chosen(target, configuration) else { return .configuration }
        guard let streams = streams(target, connector, arguments) else { return .usage }
        let wiring = Wiring(places: places)
        do throws(StateError) {
            let store = try wiring.store()
            let code = await sync(connector, streams, arguments, configuration, wiring, store)
            await store.close()
            return code
        } catch {
            Terminal.complain("\(error)")
            return error.code == .inUse ? .temporary : .stateIO
        }
    }

    static func chosen(_ target: Target, _ configuration: Configuration) -> ConnectorDefinition? {
        if let connector = configuration.connectors.first(where: { $0.name == target.connector }),
            configuration.errors.isEmpty
        {
            return connector
        }
        let lines = configuration.errors + (configuration.disabled.first { $0.name == target.connector }?.lines ?? [])
        let names = configuration.connectors.map(\.name)
        let nearest = NearestName.of(target.connector, among: names).map { "; did you mean \($0)?" } ?? ""
        Terminal.complain(
            lines.isEmpty ? "there is no connector \(target.connector)\(nearest)" : lines.joined(separator: "\n")
        )
        return nil
    }

    private static func streams(
        _ target: Target,
        _ connector: ConnectorDefinition,
        _ arguments: Arguments
    ) -> [StreamDefinition]? {
        var streams = connector.streams
        if let name = target.name { streams = streams.filter { $0.id.stream == name } }
        guard !streams.isEmpty else {
            let known = connector.streams.map(\.id.stream).joined(separator: ", ")
            Terminal.complain("\(connector.name) has no stream \(target.name ?? ""); it has \(known)")
            return nil
        }
        // A feed first: what it marks as its beginning must lie before what the lists read.
        return streams.filter { $0.feed != nil } + streams.filter { $0.feed == nil }
    }

    private static func options(_ stream: StreamDefinition, _ arguments: Arguments, _ now: Instant) -> SyncOptions? {
        guard let text = arguments.value("since") else { return SyncOptions(full: arguments.has("full")) }
        guard let rule = stream.cursor, let value = CursorText.value(text, rule, now: now) else {
            let expected = stream.cursor.map(CursorText.expected) ?? "the stream has no cursor"
            Terminal.complain("\(stream.id): --since \(text): \(expected)")
            return nil
        }
        return SyncOptions(full: false, since: value)
    }

    private static func sync(
        _ connector: ConnectorDefinition,
        _ streams: [StreamDefinition],
        _ arguments: Arguments,
        _ configuration: Configuration,
        _ wiring: Wiring,
        _ store: SQLiteStore
    ) async -> ExitCode {
        let transport: CurlTransport
        do throws(TransportError) {
            transport = try wiring.transport(configuration)
        } catch {
            Terminal.complain("\(error)")
            return .internal
        }
        let events = wiring.events(configuration)
        let services = wiring.services(configuration, transport: transport, store: store, events: QuietRuns(events))
        var accounts = Accounts(clocks: wiring.clocks)
        guard let gate = accounts.gates(for: [connector])[connector.name] else { return .internal }
        let runner = ConnectorRunner(connector, gate: gate, services: services)
        let report = SyncReport(redactor: configuration.redactor, isJSON: arguments.has("json"), clocks: wiring.clocks)
        let stopping = stopOnSignal(runner, streams)
        defer { stopping.cancel() }
        var code = ExitCode.success
        for stream in streams where !stopping.isCancelled {
            guard let options = options(stream, arguments, wiring.clocks.now) else { return .usage }
            let outcome = await runner.sync(stream, options: options, onProgress: report.progress(of: stream.id))
            report.ended(stream.id, outcome)
            if case .failed(_, let failure) = outcome { code = failure.isLocal ? .stateIO : .failure }
            if case .interrupted = outcome { break }
            // The other streams would be refused too, and sources lock accounts that are knocked at too often.
            if case .failed(_, let failure) = outcome, failure.kind == .credentials {
                if stream.id != streams.last?.id {
                    Terminal.complain("\(connector.name): the other streams were not tried, the credential is refused")
                }
                break
            }
        }
        await transport.shutdown()
        return code
    }

    /// The first signal ends the run at its next page.
    private static func stopOnSignal(_ runner: ConnectorRunner, _ streams: [StreamDefinition]) -> Task<Void, Never> {
        let (signals, received) = ProcessSignals.stream()
        return Task {
            for await signal in received where signal != .hangUp {
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

/// What `sync` shows: a line that moves on a terminal, one line a stream elsewhere.
private final class SyncReport: Sendable {
    private let redactor: Redactor
    private let isJSON: Bool
    private let isInteractive = Terminal.isInteractive
    private let clocks: any Clocks
    private let lastShown: Mutex<MonotonicInstant>

    /// A line that changes more often than this can't be read.
    private static let interval: Duration = .milliseconds(100)

    init(redactor: Redactor, isJSON: Bool, clocks: any Clocks) {
        self.redactor = redactor
        self.isJSON = isJSON
        self.clocks = clocks
        lastShown = Mutex(clocks.monotonic)
    }

    func progress(of stream: StreamID) -> @Sendable (RunRecord) -> Void {
        guard isInteractive, !isJSON else { return { _ in } }
        let began = clocks.monotonic
        return { [self] run in
            let now = clocks.monotonic
            let isDue = lastShown.withLock { last in
                guard now - last >= Self.interval else { return false }
                last = now
                return true
            }
            guard isDue else { return }
            let rate = Int(Double(run.records) / max(0.001, (now - began).inSeconds))
            Terminal.write("\r\u{1B}[K\(stream): \(run.records) records, \(run.pages) pages, \(rate)/s")
        }
    }

    func ended(_ stream: StreamID, _ outcome: SyncOutcome) {
        if isInteractive, !isJSON { Terminal.write("\r\u{1B}[K") }
        switch outcome {
        case .succeeded(let run): show(stream, run, nil)
        case .interrupted(let run): show(stream, run, nil)
        case .failed(let run, let failure): show(stream, run, redactor.redact(failure.description))
        }
    }

    private func show(_ stream: StreamID, _ run: RunRecord, _ error: String?) {
        if isJSON {
            print(json(stream, run, error).text)
        } else if let error {
            Terminal.complain("\(stream): failed: \(error)")
        } else {
            let deletes = run.deletes > 0 ? ", \(run.deletes) deletions" : ""
            let seconds = run.ended.map { ($0 - run.started).inSeconds } ?? 0
            let tenths = Int(seconds * 10 + 0.5)
            let verb = run.outcome == .interrupted ? "stopped after " : ""
            Terminal.complain(
                "\(stream): \(verb)\(run.records) records\(deletes), \(run.pages) pages in \(tenths / 10).\(tenths % 10) s"
            )
        }
    }

    private func json(_ stream: StreamID, _ run: RunRecord, _ error: String?) -> JSONValue {
        func number(_ value: Int64) -> JSONValue { .number(String(value)) }
        return .object([
            .init("connector", .string(stream.connector)), .init("stream", .string(stream.stream)),
            .init("outcome", .string(run.outcome.rawValue)), .init("records", number(run.records)),
            .init("deletes", number(run.deletes)), .init("pages", number(run.pages)), .init("bytes", number(run.bytes)),
            .init("error", error.map(JSONValue.string) ?? .null),
        ])
    }
}
