package import ConnectorCore

/// Calls an API until it answers with a success or the policy gives up: what `AITBCClient` and every connector's
/// operations have in common.
package final class Caller: Sendable {
    package let exchange: Exchange
    package let retry: RetryPolicy
    /// Where the server's own words and codes stand in an error.
    package let errors: ErrorRule
    package let family: Family
    package let secrets: ConnectorSecrets

    /// Which error a refusal of the server becomes.
    package enum Family: Sendable {
        case api
        case payment
        case erp
    }

    package init(
        exchange: Exchange,
        retry: RetryPolicy,
        errors: ErrorRule,
        family: Family,
        secrets: ConnectorSecrets
    ) {
        self.exchange = exchange
        self.retry = retry
        self.errors = errors
        self.family = family
        self.secrets = secrets
    }

    /// The answer, always a 2xx. Sent again only where that is safe: `isIdempotent` says that sending it twice is the
    /// same as once (GET, PUT, DELETE, or a POST that bears an idempotency key).
    ///
    /// Throws an ``AITBCError``, or `CancellationError` when the task was cancelled.
    package func call(_ request: TransportRequest, isIdempotent: Bool) async throws -> TransportResponse {
        let gate = exchange.gate
        let isProbe: Bool
        switch gate.begin(to: request.url) {
        case .go: isProbe = false
        case .probe: isProbe = true
        case .resting(let span, let trouble): throw CallFailure.resting(span, trouble, request, self)
        }
        var last: CallFailure?
        do {
            let response = try await attempts(request, isIdempotent, isProbe, &last)
            gate.succeeded(at: request.url)
            return response
        } catch {
            gate.failed(at: request.url, last)
            throw error
        }
    }

    /// Throws the last attempt's error; `last` is the last outcome that was seen. A probe of a server that counts as down
    /// is one attempt: others wait for what it finds.
    private func attempts(
        _ request: TransportRequest,
        _ isIdempotent: Bool,
        _ isProbe: Bool,
        _ last: inout CallFailure?
    ) async throws -> TransportResponse {
        var attempt = 1
        var mayHaveBeenSent = false
        while true {
            let failure: CallFailure
            do throws(Exchange.Failure) {
                let response = try await exchange.send(request)
                guard FailureClass(status: response.status) != nil else { return response }
                await learnSecrets()
                guard let refusal = CallFailure(response, request, self) else { return response }
                failure = refusal
            } catch {
                await learnSecrets()
                // Others had the server left alone meanwhile: this call was sent, and failed for its own reason.
                if case .resting = error, let last { throw last.error.sent(mayHaveBeenSent) }
                failure = try CallFailure(error, request, self)
            }
            last = failure
            mayHaveBeenSent = mayHaveBeenSent || failure.mayHaveTakenEffect
            let mayRepeat = isIdempotent || !failure.mayHaveTakenEffect
            guard !isProbe || !failure.kind.countsForBreaker,
                case .retry(let wait) = exchange.gate.verdict(retry, failure, attempt: attempt, mayRepeat: mayRepeat)
            else { throw told(failure, mayHaveBeenSent, isIdempotent) }
            do {
                try await exchange.gate.rest(for: wait)
            } catch {
                // The waits were ended, and nobody had cancelled.
                try Task.checkCancellation()
                throw told(failure, mayHaveBeenSent, isIdempotent)
            }
            attempt += 1
        }
    }

    private func told(_ failure: CallFailure, _ mayHaveBeenSent: Bool, _ isIdempotent: Bool) -> any AITBCError {
        let error = failure.error.sent(mayHaveBeenSent)
        let isOpen = mayHaveBeenSent && !isIdempotent && [.transient, .badAnswer].contains(failure.kind)
        return isOpen ? error.inDoubt : error
    }

    /// Before a failure is put into words: servers repeat what they were sent.
    func learnSecrets() async {
        for secret in await exchange.auth.secrets { secrets.learn(secret) }
    }
}
