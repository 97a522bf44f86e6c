import ConnectorCore
import ConnectorDaemon

/// Sends dead letters again: records to their stream's sink, events back into the inbox. What is refused again stays.
struct DeadLetterReplay {
    private let wiring: Wiring
    private let configuration: Configuration
    private let store: any StateKeeper

    struct Outcome {
        var settled = 0
        /// What stays, and why: a line each.
        var kept: [String] = []
    }

    /// What is said of a letter that is not as it was written.
    static let damaged = "not as it was written, the disk changed it; look at it and drop it"

    init(_ wiring: Wiring, _ configuration: Configuration, _ store: any StateKeeper) {
        self.wiring = wiring
        self.configuration = configuration
        self.store = store
    }

    func send(_ letters: [KeptDeadLetter]) async throws(StateError) -> Outcome {
        var outcome = Outcome()
        for line in configuration.allLines { Terminal.complain(line) }
        for kept in letters where !kept.mayBeSent {
            outcome.kept.append("\(kept.number): \(Self.damaged)")
        }
        let whole = letters.filter(\.mayBeSent)
        let streams = Dictionary(grouping: whole, by: \.letter.stream).sorted { $0.key < $1.key }
        for (stream, letters) in streams {
            guard let connector = configuration.connectors.first(where: { $0.name == stream.connector }) else {
                outcome.kept.append("\(stream): there is no connector of this name any more")
                continue
            }
            if stream.isEvents {
                try await putBack(letters, connector, &outcome)
            } else {
                try await deliver(letters, stream, connector, &outcome)
            }
        }
        return outcome
    }

    /// The daemon works them off when it starts.
    private func putBack(
        _ letters: [KeptDeadLetter],
        _ connector: ConnectorDefinition,
        _ outcome: inout Outcome
    ) async throws(StateError) {
        for kept in letters {
            guard let rule = connector.webhook, let event = kept.letter.event(by: rule) else {
                outcome.kept.append("\(kept.number): no webhook of \(connector.name) takes this type of event any more")
                continue
            }
            let now = wiring.clocks.now
            let until = now + rule.remember
            _ = try await store.accept([event], of: connector.name, at: now, until: until, limits: InboxLimits())
            try await store.removeDeadLetters([kept.number])
            outcome.settled += 1
        }
    }

    private func deliver(
        _ letters: [KeptDeadLetter],
        _ stream: StreamID,
        _ connector: ConnectorDefinition,
        _ outcome: inout Outcome
    ) async throws(StateError) {
        let name = connector.streams.first { $0.id == stream }?.sink ?? connector.sink
        let refused = InMemoryStore()
        do throws(TransportError) {
            let transport = try wiring.transport(configuration)
            let services = wiring.services(
                configuration,
                transport: transport,
                store: store,
                deadLetters: refused,
                events: wiring.events(configuration)
            )
            let failure = await write(letters, stream, services.sinks[name])
            await transport.shutdown()
            if let failure {
                outcome.kept.append("\(stream): \(failure)")
                return
            }
        } catch {
            outcome.kept.append("\(stream): \(error)")
            return
        }
        let again = Set(await refused.deadLetters(limit: letters.count, after: 0).map(\.letter.content))
        let taken = letters.filter { !again.contains($0.letter.content) }
        try await store.removeDeadLetters(taken.map(\.number))
        outcome.settled += taken.count
        for kept in letters where again.contains(kept.letter.content) {
            outcome.kept.append("\(kept.number): refused again")
        }
    }

    /// Nil once every line was taken or refused; else why not.
    private func write(_ letters: [KeptDeadLetter], _ stream: StreamID, _ sink: (any Sink)?) async -> String? {
        guard let sink, sink is BatchSink else {
            return
                "its sink refuses nothing, so nothing is sent again; drop the letters, or choose the sink they were for"
        }
        do throws(SinkError) {
            let writer = try await sink.open(stream, at: nil)
            let lines = letters.flatMap { $0.letter.line + [UInt8(ascii: "\n")] }
            let failure: SinkError?
            do throws(SinkError) {
                try await writer.write(lines)
                _ = try await writer.flush()
                failure = nil
            } catch {
                failure = error
            }
            await writer.close()
            return failure.map { "\($0)" }
        } catch {
            return "\(error)"
        }
    }
}
