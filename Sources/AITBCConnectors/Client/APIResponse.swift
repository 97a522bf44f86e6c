public import ConnectorCore

/// A successful answer of AITBC: the envelope taken apart.
public struct APIResponse: Sendable {
    /// The HTTP status, always 2xx.
    public let statusCode: Int
    /// What was asked for: the envelope's `data`, or the whole body where there is no envelope; `.null` for no body.
    public let data: JSONValue
    /// The envelope's `metadata`; `.null` where there is none.
    public let metadata: JSONValue
    /// Whether a list goes on behind this page.
    public let hasMore: Bool
    /// What to ask for next as `starting_after`; nil on the last page.
    public let nextPage: String?
    /// The answer's header fields.
    public let headers: TransportHeaders
    private let received: Instant

    /// What the answer's headers say of the quota.
    public var rateLimit: RateLimitStatus {
        let quota = ServerQuota(status: statusCode, headers: headers, now: received)
        return RateLimitStatus(
            limit: headers["X-RateLimit-Limit"].flatMap { Int($0) },
            remaining: quota.remaining.flatMap { Int(exactly: $0) },
            reset: quota.reset,
            retryAfter: quota.retryAfter
        )
    }

    /// Decodes ``data``; numbers are exact where the type is.
    ///
    /// Throws an ``APIError`` where the data is not of that shape.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try JSONValueDecoder().decode(type, from: data)
        } catch {
            let context = ErrorContext(
                "the answer is not a \(type): \(error)",
                code: "BAD_ANSWER",
                statusCode: statusCode,
                underlying: error,
                hint: "compare the type with the API's documentation; what was asked for may have been done",
                mayHaveBeenSent: true
            )
            throw APIError(context)
        }
    }
}

/// The headers `X-RateLimit-Limit`, `-Remaining`, `-Reset` and `Retry-After`.
public struct RateLimitStatus: Sendable, Hashable {
    /// Requests in a window.
    public let limit: Int?
    /// Requests left in this window.
    public let remaining: Int?
    /// Until the window begins anew.
    public let reset: Duration?
    /// How long the server asks to wait.
    public let retryAfter: Duration?
}

extension APIResponse {
    /// Takes the body apart. Any bytes give a response or a typed error.
    init(
        _ response: TransportResponse,
        shown request: @autoclosure () -> String,
        _ secrets: ConnectorSecrets,
        now: Instant
    ) throws(APIError) {
        let body = try Self.json(response, request)
        if body["success"]?.bool == false {
            let request = request()
            // As with any other error: cut, and without secrets.
            let words = AnswerError(response, .aitbc, secrets)
            throw APIError(
                ErrorContext(
                    "\(request) failed: \(body["error"] == nil ? "the server gives no reason" : words.message ?? "")",
                    code: words.code,
                    statusCode: response.status,
                    details: words.details,
                    request: request,
                    hint: "the server answered with success: false; see code and details"
                )
            )
        }
        statusCode = response.status
        data = body["data"] ?? body
        metadata = body["metadata"] ?? .null
        hasMore = body["has_more"]?.bool ?? false
        nextPage = body["next_page"].flatMap { $0.string ?? $0.number }
        headers = response.headers
        received = now
    }

    private static func json(_ response: TransportResponse, _ request: () -> String) throws(APIError) -> JSONValue {
        guard !response.body.isEmpty else { return .null }
        do {
            return try JSONValue(parsingAnswer: response.body)
        } catch {
            let request = request()
            throw APIError(
                ErrorContext(
                    "\(request) was answered with status \(response.status), but the body is \(error)",
                    code: "BAD_ANSWER",
                    statusCode: response.status,
                    request: request,
                    underlying: error,
                    hint: "check base_url: a proxy or another server may have answered"
                )
            )
        }
    }
}
