import ConnectorCore

/// A login call yields a header that later requests bear.
struct SessionAuth: AuthHandler {
    let session: SessionTokens

    func authorize(_ request: inout TransportRequest) async throws {
        do throws(SyncFailure) {
            let header = try await session.header()
            request.headers[header.name] = header.value
        } catch {
            guard !Task.isCancelled else { throw CancellationError() }
            let context = ErrorContext(
                error.message,
                statusCode: error.status,
                retryAfter: error.retryAfter,
                underlying: error,
                hint: error.hint
            )
            if error.kind == .credentials { throw AuthenticationError(context) }
            throw APIError(context)
        }
    }

    var secrets: [Secret] { get async { await session.known.map(\.secret) } }

    func rejected(_ request: TransportRequest) async -> Bool {
        await session.invalidate(in: request)
        return true
    }
}
