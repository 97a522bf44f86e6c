import ConnectorCore

/// A failed attempt: the error it is if it stays, and what decides whether it is made again.
struct CallFailure {
    let kind: FailureClass
    let error: any AITBCError
    /// The server may have carried the request out.
    let mayHaveTakenEffect: Bool
    /// Our own crowding, or a proof that was not to be had: says nothing of the server.
    let isOurs: Bool

    /// Nil for a success.
    init?(_ response: TransportResponse, _ request: TransportRequest, _ caller: Caller) {
        guard let status = FailureClass(response, now: caller.exchange.clocks.now) else { return nil }
        let words = AnswerError(response, caller.errors, caller.secrets)
        kind = words.kind ?? status
        isOurs = false
        // It has reached the server, which may have begun, whatever it says.
        mayHaveTakenEffect = true
        let quota = ServerQuota(status: response.status, headers: response.headers, now: caller.exchange.clocks.now)
        let shown = CallFailure.shown(request, caller)
        let told = words.message.map { ": \($0)" } ?? ""
        let context = ErrorContext(
            "\(shown) was answered with status \(response.status)\(told)",
            code: words.code,
            statusCode: response.status,
            details: words.details,
            retryAfter: quota.retryAfter,
            request: shown,
            hint: FailureHint.program.of(kind),
            mayHaveBeenSent: true
        )
        error =
            switch kind {
            case .credentials, .forbidden: AuthenticationError(context)
            case .throttled: RateLimitError(context)
            case .transient, .badAnswer: response.status == 408 ? TimeoutError(context) : APIError(context)
            case .gone, .positionLost, .refused: CallFailure.refusal(context, caller.family)
            }
    }

    /// Throws where the task was cancelled.
    init(_ failure: Exchange.Failure, _ request: TransportRequest, _ caller: Caller) throws {
        let shown = CallFailure.shown(request, caller)
        switch failure {
        case .stopped(let mayHaveBeenSent):
            try Task.checkCancellation()
            kind = .refused
            mayHaveTakenEffect = mayHaveBeenSent
            isOurs = true
            error = CallFailure.disconnected(shown, mayHaveBeenSent: mayHaveBeenSent)
        case .resting(let span, let cause):
            kind = .refused
            mayHaveTakenEffect = false
            isOurs = true
            error = CallFailure.resting(span, .init(cause: cause), request, caller)
        case .auth(let error):
            kind = error.statusCode.flatMap { FailureClass(status: $0) } ?? CallFailure.kind(of: error)
            mayHaveTakenEffect = false
            // Whatever it is, it says nothing of the server that was not asked.
            isOurs = true
            self.error = error
        case .transport(let transport):
            kind = FailureClass(transport) ?? .transient
            mayHaveTakenEffect = transport.mayHaveBeenSent
            isOurs = transport.code.isOurs
            let context = ErrorContext(
                "\(shown): \(caller.secrets.redact(transport.message))",
                code: transport.code.name,
                request: shown,
                underlying: TransportError(
                    transport.code,
                    caller.secrets.redact(transport.message),
                    mayHaveBeenSent: transport.mayHaveBeenSent
                ),
                hint: FailureHint.program.of(transport),
                mayHaveBeenSent: mayHaveTakenEffect
            )
            switch transport.code {
            case .connectTimeout, .idleTimeout, .totalTimeout: error = TimeoutError(context)
            default: error = APIError(context)
            }
        }
    }

    /// What sends was closed under a call that nobody had cancelled.
    static func disconnected(_ shown: String, mayHaveBeenSent: Bool) -> any AITBCError {
        let context = ErrorContext(
            "\(shown) was ended: its connection was closed by disconnect() or cleanup()",
            code: "DISCONNECTED",
            request: shown,
            hint: "close it when the calls under way are done; a client connects again, of a connector make another",
            mayHaveBeenSent: mayHaveBeenSent
        )
        return APIError(context)
    }

    /// The server failed too often in a row and is left alone for a while. Nothing was sent.
    static func resting(
        _ span: Duration,
        _ trouble: HostBreakers.Trouble,
        _ request: TransportRequest,
        _ caller: Caller
    ) -> any AITBCError {
        let shown = CallFailure.shown(request, caller)
        let cause = caller.secrets.redact(trouble.cause)
        return APIError(
            ErrorContext(
                "\(shown) was not sent: the server failed too often in a row, at last with: \(cause)",
                code: "CIRCUIT_OPEN",
                statusCode: trouble.error?.statusCode,
                retryAfter: span,
                request: shown,
                underlying: trouble.error,
                hint: "it is left alone; try again in \(span.friendlyText)"
            )
        )
    }

    /// A proof that could not be had for want of a network, or of a disk, may be had later.
    private static func kind(of error: any AITBCError) -> FailureClass {
        if error is AuthenticationError { return .credentials }
        return (error.underlying as? TransportError).flatMap { FailureClass($0) } ?? .transient
    }

    private static func refusal(_ context: ErrorContext, _ family: Caller.Family) -> any AITBCError {
        switch family {
        case .api: APIError(context)
        case .payment: PaymentError(context)
        case .erp: ERPError(context)
        }
    }

    /// Method and path; never the query, which may hold what nobody should read.
    static func shown(_ request: TransportRequest, _ caller: Caller) -> String {
        let path = URLReference(request.url)?.target.prefix { $0 != "?" } ?? "(not a URL)"
        return caller.secrets.redact("\(request.method) \(path)")
    }
}
