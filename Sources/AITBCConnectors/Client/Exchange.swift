package import ConnectorCore

/// One authenticated attempt: the account's turn, the proof, the transport, what the answer tells of the server's
/// quota; and once more with a fresh proof where the first was refused. Retries are decided above.
package struct Exchange: Sendable {
    package let gate: AccountGate
    package let transport: any HTTPTransport
    package let auth: any AuthHandler
    package let clocks: any Clocks
    /// Called when the server's own quota stops us for a while.
    package let onPause: @Sendable (Duration) -> Void

    package init(
        gate: AccountGate,
        transport: any HTTPTransport,
        auth: any AuthHandler,
        clocks: any Clocks,
        onPause: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.gate = gate
        self.transport = transport
        self.auth = auth
        self.clocks = clocks
        self.onPause = onPause
    }

    /// Why there is no answer.
    package enum Failure: Error {
        /// Nobody waits any more: the task was cancelled, or what sends was closed.
        case stopped(mayHaveBeenSent: Bool)
        /// The server failed too often in a row and is left alone for this long; nothing was sent.
        case resting(Duration, cause: String)
        case transport(TransportError)
        /// No proof could be had; nothing was sent.
        case auth(any AITBCError)
    }

    /// Any status is an answer. `isRefusal` knows more answers that mean that the proof was not accepted. `share` is what
    /// the answer is held in.
    package func send(
        _ request: TransportRequest,
        observer: (any WaitObserver)? = nil,
        share: MemoryShare? = nil,
        isRefusal: @Sendable (TransportResponse) -> Bool = { _ in false }
    ) async throws(Failure) -> TransportResponse {
        let proven = try await authorized(request)
        let response = try await attempt(proven, observer, share)
        guard auth.refuses(response) || isRefusal(response), await auth.rejected(proven) else { return response }
        // A login, or a pause, holds no room.
        share?.settle(at: 0)
        return try await attempt(try await authorized(request), observer, share)
    }

    /// Gets the proof that the next request will bear, a login included.
    package func prove() async throws(Failure) {
        _ = try await authorized(TransportRequest(method: "GET", url: ""))
    }

    /// Without a proof: for logins and token requests.
    package func attempt(
        _ request: TransportRequest,
        _ observer: (any WaitObserver)? = nil,
        _ share: MemoryShare? = nil
    ) async throws(Failure) -> TransportResponse {
        try await Self.attempt(request, gate, transport, onPause, observer, share)
    }

    package static func attempt(
        _ request: TransportRequest,
        _ gate: AccountGate,
        _ transport: any HTTPTransport,
        _ onPause: @Sendable (Duration) -> Void,
        _ observer: (any WaitObserver)? = nil,
        _ share: MemoryShare? = nil
    ) async throws(Failure) -> TransportResponse {
        do throws(AccountGate.Refusal) {
            try await gate.admit(to: request.url, observer)
        } catch {
            switch error {
            case .cancelled: throw .stopped(mayHaveBeenSent: false)
            case .resting(let span, let cause): throw .resting(span, cause: cause)
            }
        }
        // Behind the turn: a pause of an hour holds no room.
        if let share, await !share.admitted(observer) {
            gate.abandoned(at: request.url)
            throw .stopped(mayHaveBeenSent: false)
        }
        do throws(TransportError) {
            let response = try await send(request, transport, share)
            if let pause = gate.answered(response, at: request.url) { onPause(pause) }
            return response
        } catch {
            guard let kind = FailureClass(error) else {
                gate.abandoned(at: request.url)
                throw .stopped(mayHaveBeenSent: error.mayHaveBeenSent)
            }
            if kind.countsForBreaker, !error.code.isOurs {
                gate.unreachable("\(error)", at: request.url)
            } else {
                gate.abandoned(at: request.url)
            }
            throw .transport(error)
        }
    }

    private static func send(
        _ request: TransportRequest,
        _ transport: any HTTPTransport,
        _ share: MemoryShare?
    ) async throws(TransportError) -> TransportResponse {
        guard let share, let metered = transport as? any MeteredTransport else {
            return try await transport.send(request)
        }
        return try await metered.send(request, meter: share)
    }

    private func authorized(_ request: TransportRequest) async throws(Failure) -> TransportRequest {
        var request = request
        do {
            try await auth.authorize(&request)
            return request
        } catch let error as any AITBCError {
            throw .auth(error)
        } catch is CancellationError {
            throw .stopped(mayHaveBeenSent: false)
        } catch {
            let message = "the proof of identity could not be made: \(error)"
            throw .auth(AuthenticationError(ErrorContext(message, code: "AUTH_FAILED", underlying: error)))
        }
    }
}

extension TransportError.Code {
    /// Our own crowding, which says nothing of the server.
    var isOurs: Bool { self == .busy || self == .noRoom }
}
