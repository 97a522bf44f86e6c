import ConnectorCore

/// A token as a server gave it.
struct FetchedToken: Sendable {
    let token: Secret
    let lifetime: Duration
}

/// One token for all who ask: fetched once however many wait, renewed before it ends.
actor TokenSource {
    /// For servers that do not say how long a token lives (RFC 6749 § 5.1 only recommends it).
    static let defaultLifetime: Duration = .seconds(3600)
    /// After a renewal that failed, a token that still holds is used for so long before the next try: a token server that
    /// is down must not be asked by every request, whose account it would soon put to rest.
    static let pauseAfterFailure: Duration = .seconds(10)

    private let clocks: any Clocks
    private let fetch: @Sendable () async throws -> FetchedToken
    private var current: (token: Secret, life: TokenLife)?
    private var refresh: Task<Secret, any Error>?
    private var restsUntil: MonotonicInstant?

    init(clocks: any Clocks, fetch: @escaping @Sendable () async throws -> FetchedToken) {
        self.clocks = clocks
        self.fetch = fetch
    }

    /// A token that is good now. While a renewal fails, the old one is used to its end.
    func token() async throws -> Secret {
        let now = clocks.monotonic
        if let current, !current.life.isDue(at: now) || mayRest(current.life, at: now) { return current.token }
        do {
            return try await renewed()
        } catch {
            guard let current, !current.life.isOver(at: clocks.monotonic) else { throw error }
            return current.token
        }
    }

    private func mayRest(_ life: TokenLife, at now: MonotonicInstant) -> Bool {
        guard let restsUntil, now < restsUntil else { return false }
        return !life.isOver(at: now)
    }

    /// The server refused this token. Another caller may have fetched the next meanwhile.
    func invalidate(_ token: Secret) {
        if current?.token == token { current = nil }
    }

    var secrets: [Secret] { current.map { [$0.token] } ?? [] }

    /// Its own task: a caller that is cancelled leaves at once, and does not take the token from the others.
    private func renewed() async throws -> Secret {
        let task = refresh ?? Task { try await obtain() }
        refresh = task
        guard let result = await task.resultUnlessCancelled else { throw CancellationError() }
        return try result.get()
    }

    private func obtain() async throws -> Secret {
        defer { refresh = nil }
        do {
            let fetched = try await fetch()
            current = (fetched.token, TokenLife(obtained: clocks.monotonic, lifetime: fetched.lifetime))
            restsUntil = nil
            return fetched.token
        } catch {
            restsUntil = clocks.monotonic + Self.pauseAfterFailure
            throw error
        }
    }
}

/// Sends a request to a token server: one attempt, through the account's gate.
typealias TokenRequest = @Sendable (HTTPRequest) async throws -> HTTPResponse

/// What token servers have in common (RFC 6749 § 5).
enum TokenEndpoint {
    static func request(_ url: URLReference, _ fields: [(String, String)]) -> HTTPRequest {
        let form = fields.map { "\($0.0.percentEncoded)=\($0.1.percentEncoded)" }.joined(separator: "&")
        return HTTPRequest(
            method: "POST",
            url: url.text,
            headers: ["Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"],
            body: Array(form.utf8)
        )
    }

    /// The answer's members, or why there is no token.
    static func answer(
        _ response: HTTPResponse,
        from url: URLReference,
        _ secrets: ConnectorSecrets
    ) throws -> JSONValue {
        // Whatever is no JSON is told by its status.
        let body = (try? JSONValue(parsingAnswer: response.body)) ?? .null
        guard response.status == 200, body["access_token"]?.string?.isEmpty == false else {
            throw refusal(response, body, url, secrets)
        }
        return body
    }

    static func fetched(_ body: JSONValue) -> FetchedToken {
        let seconds = body["expires_in"].flatMap { $0.int64 ?? $0.string.flatMap { Int64($0) } }
        let lifetime = seconds.map { Duration.seconds(max(0, $0)) } ?? TokenSource.defaultLifetime
        return FetchedToken(token: Secret(body["access_token"]?.string ?? ""), lifetime: lifetime)
    }

    /// Servers repeat what they were sent: the secrets of the request are taken out of their words.
    private static func refusal(
        _ response: HTTPResponse,
        _ body: JSONValue,
        _ url: URLReference,
        _ secrets: ConnectorSecrets
    ) -> any AITBCError {
        let code = body["error"]?.string.map(secrets.redact)
        let words = body["error_description"]?.string.map(secrets.redact) ?? code
        let context = ErrorContext(
            "the token server \(url.origin) answered with status \(response.status)" + (words.map { ": \($0)" } ?? ""),
            code: code ?? "TOKEN_REFUSED",
            statusCode: response.status == 200 ? nil : response.status,
            request: "POST \(url.target.prefix { $0 != "?" })",
            hint: "check token_url, client_id, client_secret, scope and, where it is used, refresh_token"
        )
        switch FailureClass(status: response.status) {
        case .transient, .throttled: return APIError(context)
        default: return AuthenticationError(context)
        }
    }
}
