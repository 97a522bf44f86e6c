import ConnectorCore
import CurlTransport

/// Long enough for a machine that is busy; a failing test still ends.
extension TransportLimits {
    static func make(
        connect: Duration = .seconds(60),
        idle: Duration = .seconds(60),
        total: Duration = .seconds(120),
        body: Int = 64 << 20
    ) -> TransportLimits {
        TransportLimits(connectTimeout: connect, idleTimeout: idle, totalTimeout: total, maximumBodyBytes: body)
    }
}

/// Runs one request against a scripted server and stops both.
func exchange(
    _ request: @Sendable (RawServer) -> TransportRequest = { TransportRequest(url: $0.url(), limits: .make()) },
    _ handle: @escaping @Sendable (RawConnection) -> Void
) async throws -> (result: Result<TransportResponse, TransportError>, requests: [RawRequest]) {
    let server = try RawServer(handle)
    let transport = try CurlTransport()
    let result = await transport.attempt(request(server))
    await transport.shutdown()
    server.stop()
    return (result, server.requests)
}

extension CurlTransport {
    func attempt(_ request: TransportRequest) async -> Result<TransportResponse, TransportError> {
        do throws(TransportError) {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}

extension Result where Failure == TransportError {
    var error: TransportError? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension TransportResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
