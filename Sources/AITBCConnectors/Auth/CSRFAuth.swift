import ConnectorCore

/// Another proof, and the token that some ERPs (SAP) want with each write: fetched with `X-CSRF-Token: Fetch`, sent
/// back with the cookies that came with it.
struct CSRFAuth: AuthHandler {
    private let inner: any AuthHandler
    private let tokens: Tokens

    /// `url` answers a GET with the token in a header.
    init(_ inner: any AuthHandler, url: String, template: HTTPRequest, send: @escaping TokenRequest) {
        self.inner = inner
        tokens = Tokens(inner: inner, url: url, template: template, send: send)
    }

    func authorize(_ request: inout HTTPRequest) async throws {
        try await inner.authorize(&request)
        guard !["GET", "HEAD"].contains(request.method) else { return }
        let token = try await tokens.current()
        request.headers["X-CSRF-Token"] = token.value
        if !token.cookies.isEmpty { request.headers["Cookie"] = token.cookies }
    }

    func refuses(_ response: HTTPResponse) -> Bool {
        let asks = response.headers["X-CSRF-Token"]?.equalsIgnoringASCIICase("Required") ?? false
        return response.status == 403 && asks || inner.refuses(response)
    }

    func rejected(_ request: HTTPRequest) async -> Bool {
        let innerHasAnother = await inner.rejected(request)
        guard let used = request.headers["X-CSRF-Token"] else { return innerHasAnother }
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
        private let template: HTTPRequest
        private let send: TokenRequest
        private var fetching: Task<Token, any Error>?

        init(inner: any AuthHandler, url: String, template: HTTPRequest, send: @escaping TokenRequest) {
            self.inner = inner
            self.url = url
            self.template = template
            self.send = send
        }

        func current() async throws -> Token {
            let task = fetching ?? Task { try await fetch() }
            fetching = task
            do {
                return try await task.value
            } catch {
                if fetching == task { fetching = nil }
                throw error
            }
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
            try await inner.authorize(&request)
            let response = try await send(request)
            guard let value = response.headers["X-CSRF-Token"], response.status < 400 else {
                throw AuthenticationError(
                    ErrorContext(
                        "GET \(URLReference(url)?.target ?? "") gave no CSRF token (status \(response.status))",
                        code: "CSRF_TOKEN_MISSING",
                        statusCode: response.status,
                        hint: "check csrf.path and the user's permissions"
                    )
                )
            }
            let cookies = response.headers.all("Set-Cookie").map { String($0.prefix { $0 != ";" }) }
            return Token(value: value, cookies: cookies.joined(separator: "; "))
        }
    }
}
