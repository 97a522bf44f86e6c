import ConnectorCore

/// A login call yields a header that later requests bear.
struct SessionAuth: AuthHandler {
    let tokens: SessionTokens

    func authorize(_ request: inout HTTPRequest) async throws {
        do throws(SyncFailure) {
            let header = try await tokens.header()
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

    var secrets: [Secret] { get async { await tokens.known } }

    func rejected(_ request: HTTPRequest) async -> Bool {
        await tokens.invalidate(in: request)
        return true
    }
}
