import ConnectorCore

/// Sends a request to a token server: one attempt, through the account's gate.
typealias TokenRequest = @Sendable (TransportRequest) async throws -> TransportResponse

/// What token servers have in common (RFC 6749 § 5).
enum TokenEndpoint {
    static func request(_ url: URLReference, _ fields: [(String, String)]) -> TransportRequest {
        let form = fields.map { "\($0.0.percentEncoded)=\($0.1.percentEncoded)" }.joined(separator: "&")
        return TransportRequest(
            method: "POST",
            url: url.text,
            headers: ["Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"],
            body: Array(form.utf8)
        )
    }

    /// The answer's members, or why there is no token. Any success will do (some say 201), in JSON or as a form.
    static func answer(
        _ response: TransportResponse,
        from url: URLReference,
        at now: Instant,
        _ secrets: ConnectorSecrets
    ) throws -> JSONValue {
        let body = members(of: response.body)
        let isSuccess = (200...299).contains(response.status)
        guard isSuccess, body["access_token"]?.string?.isEmpty == false else {
            throw refusal(response, body, url, now, secrets)
        }
        return body
    }

    static func fetched(_ body: JSONValue) -> FetchedToken {
        let seconds = body["expires_in"].flatMap { $0.int64 ?? $0.string.flatMap { Int64($0) } }
        let lifetime = seconds.map { Duration.seconds(max(0, $0)) } ?? TokenSource.defaultLifetime
        return FetchedToken(token: Secret(body["access_token"]?.string ?? ""), lifetime: lifetime)
    }

    /// Older servers answer with a form, whatever they call it. What is neither is told by its status.
    private static func members(of body: [UInt8]) -> JSONValue {
        if let value = try? JSONValue(parsingAnswer: body) { return value }
        guard body.count <= maximumFormBytes, let text = String(validating: body, as: UTF8.self) else { return .null }
        return FormAnswer.members(text) ?? .null
    }

    /// Tokens have a few kilobytes at most; pages of HTML are not searched for them.
    private static let maximumFormBytes = 64 << 10

    /// Servers repeat what they were sent: the secrets of the request are taken out of their words.
    private static func refusal(
        _ response: TransportResponse,
        _ body: JSONValue,
        _ url: URLReference,
        _ now: Instant,
        _ secrets: ConnectorSecrets
    ) -> any AITBCError {
        let code = body["error"]?.string.map(secrets.redact)
        let words = body["error_description"]?.string.map(secrets.redact) ?? code
        let isSuccess = (200...299).contains(response.status)
        let context = ErrorContext(
            "the token server \(url.origin) answered with status \(response.status)"
                + (words.map { ": \($0)" } ?? (isSuccess ? " and no access_token" : "")),
            code: code ?? "TOKEN_REFUSED",
            statusCode: isSuccess ? nil : response.status,
            request: "POST \(url.target.prefix { $0 != "?" })",
            hint: "check token_url, client_id, client_secret, scope and, where it is used, refresh_token"
        )
        switch FailureClass(response, now: now) {
        case .transient, .throttled: return APIError(context)
        default: return AuthenticationError(context)
        }
    }
}

/// `a=1&b=two%20words`, as HTML forms and older token servers write it.
enum FormAnswer {
    /// As strings of an object; nil for what is no such text.
    static func members(_ text: String) -> JSONValue? {
        var members: [JSONValue.Member] = []
        for pair in text.split(whereSeparator: { $0 == "&" || $0.isNewline }) {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let name = decoded(halves[0]), let value = decoded(halves[1]) else { return nil }
            members.append(.init(name, .string(value)))
        }
        return members.isEmpty ? nil : .object(members)
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
