import ConnectorCore

/// A command's side of the control socket.
struct ControlClient {
    let places: Places
    /// How long an answer may take; a reload opens a thousand files at most.
    var patience: Duration = .seconds(60)

    /// Nobody listens there, or whoever does gives no answer.
    struct NoDaemon: Error {
        var reason: String
        /// Whether nothing listens: no daemon, as far as one can see.
        var isAbsent: Bool
    }

    func get(_ path: String) async throws(NoDaemon) -> TransportResponse { try await send("GET", path, nil) }

    func post(_ path: String, _ body: JSONValue? = nil) async throws(NoDaemon) -> TransportResponse {
        try await send("POST", path, body)
    }

    private func send(_ method: String, _ path: String, _ body: JSONValue?) async throws(NoDaemon) -> TransportResponse
    {
        guard ControlSocket.canExist(places) else {
            let reason = "the path \(ControlSocket.path(places)) is too long for a socket"
            throw NoDaemon(reason: reason, isAbsent: true)
        }
        var request = TransportRequest(method: method, url: "http://localhost\(path)")
        request.limits.idleTimeout = patience
        if let body {
            request.body = Array(body.text.utf8)
            request.headers["Content-Type"] = "application/json"
        }
        do throws(TransportError) {
            let transport = try Wiring(places: places).controlTransport()
            let result = await transport.outcome(of: request)
            await transport.shutdown()
            return try result.get()
        } catch {
            throw NoDaemon(reason: error.message, isAbsent: error.isRefused)
        }
    }
}

extension HTTPEngine {
    fileprivate func outcome(of request: TransportRequest) async -> Result<TransportResponse, TransportError> {
        do throws(TransportError) {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}

extension TransportError {
    fileprivate var isRefused: Bool { code == .couldNotConnect }
}
