import ConnectorCore

/// Another proof, and the token that some ERPs (SAP) want with each write: fetched with `X-CSRF-Token: Fetch`, sent
/// back with the cookies that came with it.
struct CSRFAuth: AuthHandler {
    let inner: any AuthHandler
    private let tokens: Tokens

    /// `url` answers a GET with the token in a header.
    init(
        _ inner: any AuthHandler,
        url: String,
        template: TransportRequest,
        known: ConnectorSecrets,
        send: @escaping TokenRequest
    ) {
        self.inner = inner
        tokens = Tokens(inner: inner, url: url, template: template, known: known, send: send)
    }

    func authorize(_ request: inout TransportRequest) async throws {
        guard !["GET", "HEAD"].contains(request.method) else { return try await inner.authorize(&request) }
        // First: to fetch it, the inner proof may have to be renewed.
        let token = try await tokens.current()
        try await inner.authorize(&request)
        request.headers["X-CSRF-Token"] = token.value
        guard !token.cookies.isEmpty else { return }
        // The inner proof may be a cookie.
        let others = request.headers["Cookie"].map { $0 + "; " } ?? ""
        request.headers["Cookie"] = others + token.cookies
    }

    func refuses(_ response: TransportResponse) -> Bool {
        let asks = response.headers["X-CSRF-Token"]?.equalsIgnoringASCIICase("Required") ?? false
        return response.status == 403 && asks || inner.refuses(response)
    }

    /// Which of the two was refused, nobody says. Fetching the next token shows whether the inner proof still holds, so
    /// that a token that ended does not cost a login.
    func rejected(_ request: TransportRequest) async -> Bool {
        guard let used = request.headers["X-CSRF-Token"] else { return await inner.rejected(request) }
        await tokens.invalidate(used)
        return true
    }

    var secrets: [Secret] { get async { await inner.secrets } }

    private struct Token: Sendable {
        let value: String
        let cookies: String
    }

    /// One fetch however many writes wait.
    private actor Tokens {
        private let inner: any AuthHandler
        private let url: String
        private let template: TransportRequest
        private let known: ConnectorSecrets
        private let send: TokenRequest
        private var fetching: Task<Token, any Error>?

        init(
            inner: any AuthHandler,
            url: String,
            template: TransportRequest,
            known: ConnectorSecrets,
            send: @escaping TokenRequest
        ) {
            self.inner = inner
            self.known = known
            self.url = url
            self.template = template
            self.send = send
        }

        func current() async throws -> Token {
            let task = fetching ?? Task { try await fetch() }
            fetching = task
            guard let result = await task.resultUnlessCancelled else { throw CancellationError() }
            if case .failure = result, fetching == task { fetching = nil }
            return try result.get()
        }

        func invalidate(_ value: String) async {
            guard let task = fetching else { return }
            if case .success(let token) = await task.result, token.value == value, fetching == task { fetching = nil }
        }

        private func fetch() async throws -> Token {
            var request = template
            request.method = "GET"
            request.url = url
            request.body = nil
            request.headers["X-CSRF-Token"] = "Fetch"
            let response = try await proven(request)
            guard response.status < 300, let value = response.headers["X-CSRF-Token"] else { throw refusal(response) }
            let cookies = response.headers.all("Set-Cookie").map { String($0.prefix { $0 != ";" }) }
            known.learn(Secret(value))
            for cookie in cookies { known.learn(Secret(cookie)) }
            return Token(value: value, cookies: cookies.joined(separator: "; "))
        }

        /// The inner proof may have ended: then it is renewed, once.
        private func proven(_ request: TransportRequest) async throws -> TransportResponse {
            var first = request
            try await inner.authorize(&first)
            let response = try await send(first)
            guard inner.refuses(response), await inner.rejected(first) else { return response }
            var second = request
            try await inner.authorize(&second)
            return try await send(second)
        }

        private func refusal(_ response: TransportResponse) -> any AITBCError {
            let context = ErrorContext(
                "GET \(URLReference(url)?.target ?? "") gave no CSRF token (status \(response.status))",
                code: "CSRF_TOKEN_MISSING",
                statusCode: response.status,
                hint: "check csrf.path and the user's permissions"
            )
            return switch FailureClass(status: response.status) {
            case .throttled: RateLimitError(context)
            case nil, .credentials, .forbidden: AuthenticationError(context)
            case .transient, .gone, .positionLost, .badAnswer, .refused: APIError(context)
            }
        }
    }
}
