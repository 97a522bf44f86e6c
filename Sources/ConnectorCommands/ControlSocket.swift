import ConnectorCore
import CurlTransport
import HTTPListener

/// How commands speak to the running daemon: HTTP on a socket file in the state directory, which only the service's
/// user and group may use.
enum ControlSocket {
    static func path(_ places: Places) -> String { "\(places.state)/control.sock" }

    /// A reload opens a thousand files at most.
    private static let answerTimeout: Duration = .seconds(60)
    /// A person or two, and systemd.
    private static let maximumConnections = 16

    /// The daemon's side.
    static func listen(_ places: Places, reloader: Reloader) throws(ListenerError) -> HTTPListener {
        let limits = ListenerLimits(connections: maximumConnections, bodyBytes: 4_096)
        let configuration = ListenerConfiguration(address: .unixSocket(path: path(places)), limits: limits)
        return try HTTPListener(configuration: configuration) { request in
            guard request.path == "/reload" else { return .text(404, "There is nothing here.") }
            guard request.method == "POST" else { return .text(405, "A reload is a POST request.") }
            return answer(await reloader.reload())
        }
    }

    private static func answer(_ outcome: Reloader.Outcome) -> ListenerResponse {
        func number(_ value: Int) -> JSONValue { .number(String(value)) }
        func lines(_ lines: [String]) -> JSONValue { .array(lines.map(JSONValue.string)) }
        switch outcome {
        case .reloaded(let added, let changed, let removed, let warnings):
            return json(
                200,
                .object([
                    .init("added", number(added)), .init("changed", number(changed)),
                    .init("removed", number(removed)), .init("warnings", lines(warnings)),
                ])
            )
        case .refused(let refused): return json(409, .object([.init("errors", lines(refused))]))
        }
    }

    private static func json(_ status: Int, _ value: JSONValue) -> ListenerResponse {
        ListenerResponse(status: status, headers: ["Content-Type": "application/json"], body: Array(value.text.utf8))
    }

    /// A command's side: one request. Throws where no daemon answers.
    static func post(_ path: String, _ places: Places) async throws(TransportError) -> HTTPResponse {
        var configuration = CurlTransport.Configuration()
        configuration.unixSocket = Self.path(places)
        let transport = try CurlTransport(configuration: configuration)
        var request = HTTPRequest(method: "POST", url: "http://localhost\(path)")
        request.limits.idleTimeout = answerTimeout
        let result: Result<HTTPResponse, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.send(request))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return try result.get()
    }
}
