import ConnectorCore

/// A sync that the running daemon makes: asked for, and waited for.
struct SyncByDaemon {
    let streams: [(id: StreamID, options: SyncOptions)]
    let report: SyncReport

    /// Until all have ended. The sync goes on when this process is ended. Throws where no daemon takes it.
    func run(_ client: ControlClient) async throws(ControlClient.NoDaemon) -> ExitCode {
        let wishes = SyncWishes(Dictionary(streams.map { ($0.id, $0.options) }) { first, _ in first })
        let answer = try await client.post("/sync", wishes.json)
        guard answer.status == 202, let order = Self.value(answer)["order"]?.int64 else {
            Terminal.complain(Self.value(answer)["error"]?.string ?? "the daemon answered \(answer.status)")
            return answer.status == 409 ? .temporary : .failure
        }
        do throws(ControlClient.NoDaemon) {
            return try await wait(for: order, client)
        } catch {
            Terminal.complain("the daemon ended meanwhile; `status` shows what came of it")
            return .unavailable
        }
    }

    private func wait(for order: Int64, _ client: ControlClient) async throws(ControlClient.NoDaemon) -> ExitCode {
        var pending = streams.map(\.id)
        var code = ExitCode.success
        while true {
            let answer = try await client.get("/sync?order=\(order)&known=\(streams.count - pending.count)")
            guard answer.status == 200, let results = SyncResults(Self.value(answer)) else {
                Terminal.complain("the daemon does not know any more what came of it; `status` shows the last runs")
                return .unavailable
            }
            for stream in pending {
                guard let result = results.streams[stream], result.state != .pending else { continue }
                pending.removeAll { $0 == stream }
                let shown = show(stream, result)
                // What failed says more than what did not begin because of it.
                code = code == .success || code == .temporary && shown != .success ? shown : code
            }
            if pending.isEmpty { return code }
        }
    }

    private func show(_ stream: StreamID, _ result: SyncResults.Result) -> ExitCode {
        guard let run = result.run else {
            Terminal.complain(
                "\(stream): not synced: the credential is refused, or the connector was changed, or the daemon stops"
            )
            return .temporary
        }
        report.show(stream, run, result.error)
        if run.outcome == .interrupted { return .temporary }
        guard result.error != nil else { return .success }
        return result.isLocal ? .stateIO : .failure
    }

    private static func value(_ answer: TransportResponse) -> JSONValue {
        (try? JSONValue(parsing: answer.body)) ?? .null
    }
}

/// What came of an order, as the daemon tells it.
struct SyncResults: Codable {
    struct Result: Codable {
        enum State: String, Codable {
            case pending, ended, dropped
        }

        var connector: String
        var stream: String
        var state: State
        var run: RunRecord?
        var error: String?
        /// Whether the fault lies on this side: the sink or the state.
        var isLocal = false
    }

    private var results: [Result]

    var streams: [StreamID: Result] {
        Dictionary(results.map { (StreamID(connector: $0.connector, stream: $0.stream), $0) }) { first, _ in first }
    }

    init(_ order: SyncOrders.Order) {
        results = order.results.map { stream, result in
            var entry = Result(connector: stream.connector, stream: stream.stream, state: .pending)
            switch result {
            case .pending: break
            case .dropped: entry.state = .dropped
            case .ended(.succeeded(let run)), .ended(.interrupted(let run)): entry.end(run, nil)
            case .ended(.failed(let run, let failure)): entry.end(run, failure)
            }
            return entry
        }
    }

    init?(_ value: JSONValue) {
        do {
            self = try JSONValueDecoder().decode(from: value)
        } catch {
            // A daemon of another version; the caller says what that means.
            return nil
        }
    }
}

extension SyncResults.Result {
    fileprivate mutating func end(_ run: RunRecord, _ failure: SyncFailure?) {
        state = .ended
        self.run = run
        error = failure?.description
        isLocal = failure?.isLocal ?? false
    }
}
