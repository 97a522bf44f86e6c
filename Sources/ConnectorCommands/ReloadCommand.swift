import ConnectorCore

enum ReloadCommand: Command {
    static let name = "reload"
    static let summary = "have the running daemon read its configuration again, and tell what came of it"
    static let usage = "reload"
    static let options: [Arguments.Option] = []
    static let example = "systemctl reload aitbc-connectord"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let response: TransportResponse
        do throws(ControlClient.NoDaemon) {
            response = try await ControlClient(places: places).post("/reload")
        } catch {
            let why = error.isAbsent ? "" : ": \(error.reason)"
            Terminal.complain(
                "no daemon answers on \(ControlSocket.path(places))\(why); start it, or name its state directory with "
                    + "--state"
            )
            return .unavailable
        }
        let answer: JSONValue
        do throws(JSONError) {
            answer = try JSONValue(parsing: response.body)
        } catch {
            Terminal.complain("the daemon's answer can't be read (\(error)); its journal says what came of it")
            return .internal
        }
        func lines(_ name: String) -> [String] { answer[name]?.array?.compactMap(\.string) ?? [] }
        guard response.status == 200 else {
            Terminal.complain(lines("errors"))
            Terminal.complain("the old configuration stays in force")
            return response.status == 409 ? .configuration : .internal
        }
        Terminal.say(lines("warnings"))
        func count(_ name: String) -> Int64 { answer[name]?.int64 ?? 0 }
        Terminal.say("reloaded: \(count("added")) added, \(count("changed")) changed, \(count("removed")) removed")
        return .success
    }
}
