import ConnectorCore
import ConnectorDaemon
import Glibc
import StateStore

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
            if Terminal.showsColours { print("\u{1B}[H\u{1B}[2J", terminator: "") }
            let code = await show(reader, isJSON: false)
            fflush(nil)
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
            let status = try await reader.status()
            if isJSON {
                print(try json(status).text)
            } else {
                print(StatusText(status, colours: Terminal.showsColours).text)
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

    func status() async throws(StateError) -> DaemonStatus {
        if let live = await live() { return live }
        let now = Wiring(places: places).clocks.now
        var facts = StatusFacts(at: now)
        let configuration = ConfigurationLoader(places: places, needsSecrets: false).load()
        if configuration.allLines.isEmpty {
            facts.configured = Set(configuration.connectors.flatMap { $0.streams.map(\.id) + $0.eventQueues })
        }
        if let store = try Wiring(places: places).readOnlyStore() { try await facts.read(store) }
        return facts.status
    }

    /// Nil where no daemon answers, or one of another version.
    private func live() async -> DaemonStatus? {
        do {
            let answer = try await ControlClient(places: places).get("/status")
            guard answer.status == 200 else { return nil }
            return try JSONValueDecoder().decode(from: JSONValue(parsing: answer.body))
        } catch {
            return nil
        }
    }
}
