import ConnectorCore
import ConnectorDaemon

enum StatusCommand: Command {
    static let name = "status"
    static let summary = "show every connector and stream: state, last success, next run, records, last error"
    static let usage = "status [--watch | --json]"
    static let options = [
        Arguments.Option("watch", "show it again every two seconds, until Ctrl-C"),
        Arguments.Option("json", "for programs"),
    ]
    static let example = "aitbc-connectord status --watch"

    /// How often `--watch` looks.
    private static let interval: Duration = .seconds(2)

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        guard arguments.operands.isEmpty, !(arguments.has("watch") && arguments.has("json")) else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        let reader = StatusReader(places: places)
        guard arguments.has("watch") else { return await show(reader, isJSON: arguments.has("json")) }
        while true {
            // Home, the text, and nothing of the longer text before it.
            if Terminal.showsColours { Terminal.clear() }
            let code = await show(reader, isJSON: false)
            Terminal.finish()
            guard code == .success else { return code }
            do {
                try await Task.sleep(for: interval)
            } catch {
                return .success
            }
        }
    }

    private static func show(_ reader: StatusReader, isJSON: Bool) async -> ExitCode {
        do throws(StateError) {
            let status: DaemonStatus
            switch try await reader.status() {
            case .status(let found): status = found
            case .silent(let reason):
                Terminal.complain(reason)
                return .unavailable
            }
            if isJSON {
                Terminal.say(try json(status))
            } else {
                let missing = ConfigFile.exists(reader.places.state) ? nil : reader.places.state
                Terminal.say(StatusText(status, colours: Terminal.showsColours, missingState: missing).lines)
            }
            return .success
        } catch {
            Terminal.complain("\(error)")
            return .stateIO
        }
    }

    private static func json(_ status: DaemonStatus) throws(StateError) -> JSONValue {
        do {
            return try JSONValueEncoder().encode(status)
        } catch {
            throw StateError(.other, "the status can't be written as JSON: \(error)", hint: "report this as a defect")
        }
    }
}

/// The status from the running daemon, or from the state where none runs.
struct StatusReader {
    let places: Places

    enum Answer {
        case status(DaemonStatus)
        /// A daemon holds the state and tells nothing: what the state says may be old, or of another file.
        case silent(reason: String)
    }

    /// A status is made within moments; a daemon that takes longer hangs.
    private static let patience: Duration = .seconds(10)

    func status() async throws(StateError) -> Answer {
        do throws(ControlClient.NoDaemon) {
            return live(try await ControlClient(places: places, patience: Self.patience).get("/status"))
        } catch {
            let reason = "a daemon runs here and gives no answer: \(error.reason)"
            guard error.isAbsent else { return .silent(reason: reason) }
            return .status(try await remembered())
        }
    }

    /// When the running daemon's webhooks had their last events, by connector; empty where none runs, or tells.
    func lastEvents() async -> [String: Instant] {
        do throws(StateError) {
            guard case .status(let status) = try await status() else { return [:] }
            return status.connectors.reduce(into: [:]) { $0[$1.name] = $1.webhook?.lastEvent }
        } catch {
            // Whoever asks reads the state as well, and says what is wrong with it.
            return [:]
        }
    }

    private func remembered() async throws(StateError) -> DaemonStatus {
        let now = Wiring(places: places).clocks.now
        var facts = StatusFacts(at: now)
        let configuration = ConfigurationLoader(places: places, needsSecrets: false).load()
        if configuration.allLines.isEmpty {
            facts.configured = Set(configuration.connectors.flatMap { $0.streams.map(\.id) + $0.eventQueues })
        }
        if let store = try Wiring(places: places).readOnlyStore() { try await facts.read(store) }
        return facts.status
    }

    private func live(_ answer: TransportResponse) -> Answer {
        do {
            let body = try JSONValue(parsing: answer.body)
            guard answer.status == 200 else {
                return .silent(reason: "the daemon that runs here has no status: \(body["error"]?.string ?? body.text)")
            }
            return .status(try JSONValueDecoder().decode(from: body))
        } catch {
            return .silent(
                reason: "the daemon that runs here gives a status that can't be read, it may be of another version; "
                    + "restart it (\(error))"
            )
        }
    }
}
