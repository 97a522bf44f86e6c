package import ConnectorCore
import Synchronization

/// One connector's way to its API: the account's turn, authentication, one attempt, and what the answer means.
///
/// Retries are decided above (`SyncMachine` asks the policy); here only a session that ended is begun anew, once.
package final class APISession: Sendable {
    package let connector: ConnectorDefinition
    package let gate: AccountGate
    private let transport: any HTTPTransport
    private let clocks: any Clocks
    private let tokens: SessionTokens?
    private let serverClock = Mutex<Duration>(.zero)
    private let secrets: ConnectorSecrets

    /// Called when the server's own quota stops us for a while.
    private let onPause: @Sendable (Duration) -> Void

    package init(
        _ connector: ConnectorDefinition,
        gate: AccountGate,
        transport: any HTTPTransport,
        clocks: any Clocks,
        onPause: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.connector = connector
        self.gate = gate
        self.transport = transport
        self.clocks = clocks
        self.onPause = onPause
        let secrets = ConnectorSecrets(connector.auth)
        self.secrets = secrets
        guard case .session(let rule) = connector.auth else {
            tokens = nil
            return
        }
        tokens = SessionTokens(rule, connector: connector, secrets: secrets) {
            [transport] (request) async throws(SyncFailure) in
            try await Self.attempt(request, gate, transport, onPause)
        }
    }

    /// The server's own time, as its last answer showed it. Small differences are the network's.
    package var serverNow: Instant { clocks.now + serverClock.withLock { $0 } }

    /// One authenticated attempt. Any answer but a success is thrown as what it means.
    package func send(_ request: HTTPRequest) async throws(SyncFailure) -> HTTPResponse {
        var request = request
        let header = try await authorization()
        if let header { request.headers[header.name] = header.value }
        var response = try await Self.attempt(request, gate, transport, onPause)
        if let header, let tokens, failure(response, request)?.kind == .credentials {
            await tokens.invalidate(header)
            let renewed = try await tokens.header()
            request.headers[renewed.name] = renewed.value
            response = try await Self.attempt(request, gate, transport, onPause)
        }
        noteServerClock(response)
        if let failure = failure(response, request) { throw failure }
        return response
    }

    /// A 2xx answer that its body calls an error, once the page was read.
    package func failure(inBodyOf response: HTTPResponse, _ request: HTTPRequest) -> SyncFailure {
        answered(response, request, kind: .refused)
    }

    /// The failure as it may be logged and kept: servers repeat what they were sent, credentials included.
    package func withoutSecrets(_ failure: SyncFailure) -> SyncFailure {
        var failure = failure
        failure.message = secrets.redact(failure.message)
        return failure
    }

    /// Whether an answer repeats a credential, so that no part of it may be quoted.
    package func repeatsSecret(_ response: HTTPResponse) -> Bool {
        secrets.occur(in: response.body)
    }

    /// An error in a 2xx answer means that the session has ended. Says whether another login may help.
    package func sessionEnded() async -> Bool {
        guard let tokens else { return false }
        await tokens.invalidate()
        return true
    }

    private func authorization() async throws(SyncFailure) -> HTTPHeaders.Field? {
        switch connector.auth {
        case .none: return nil
        case .bearer(let key): return .init(name: "Authorization", value: "Bearer " + key.reveal())
        case .apiKey(let name, let key): return .init(name: name, value: key.reveal())
        case .basic(let user, let password):
            let pair = Array("\(user):\(password.reveal())".utf8)
            return .init(name: "Authorization", value: "Basic " + Base64Text.text(pair))
        case .session: return try await tokens?.header()
        }
    }

    private static func attempt(
        _ request: HTTPRequest,
        _ gate: AccountGate,
        _ transport: any HTTPTransport,
        _ onPause: @Sendable (Duration) -> Void
    ) async throws(SyncFailure) -> HTTPResponse {
        do throws(AccountGate.Refusal) {
            try await gate.admit()
        } catch {
            throw failure(error, request)
        }
        do throws(TransportError) {
            let response = try await transport.send(request)
            if let pause = gate.answered(response) { onPause(pause) }
            return response
        } catch {
            guard let kind = FailureClass(error) else {
                gate.abandoned()
                throw SyncFailure(.transient, "the sync was stopped", hint: "")
            }
            if kind.countsForBreaker { gate.unreachable() } else { gate.abandoned() }
            throw SyncFailure(kind, "\(shown(request)): \(error)", hint: FailureHint.of(error))
        }
    }

    private static func failure(_ refusal: AccountGate.Refusal, _ request: HTTPRequest) -> SyncFailure {
        switch refusal {
        case .cancelled: return SyncFailure(.transient, "the sync was stopped", hint: "")
        case .resting(let span):
            let message = "\(shown(request)) was not sent: the server failed too often in a row and rests"
            let hint = "it is tried again in \(span.friendlyText)"
            return SyncFailure(.transient, message, hint: hint, isFinal: true)
        }
    }

    // MARK: What an answer means

    private func failure(_ response: HTTPResponse, _ request: HTTPRequest) -> SyncFailure? {
        guard let kind = FailureClass(status: response.status) else { return nil }
        return answered(response, request, kind: kind)
    }

    private func answered(_ response: HTTPResponse, _ request: HTTPRequest, kind: FailureClass) -> SyncFailure {
        let body = AnswerError(response, connector.errors, secrets)
        let kind = connector.errors.kind(ofCode: body.code) ?? kind
        let words = body.message.map { ": \($0)" } ?? ""
        return SyncFailure(
            kind,
            "\(Self.shown(request)) was answered with status \(response.status)\(words)",
            hint: FailureHint.of(kind),
            status: response.status,
            retryAfter: ServerQuota(status: response.status, headers: response.headers, now: clocks.now).retryAfter
        )
    }

    /// Method and URL; a query may hold much, so it is cut.
    package static func shown(_ request: HTTPRequest) -> String {
        let limit = 200
        let url = request.url.utf8.count > limit ? String(request.url.prefix(limit)) + "…" : request.url
        return "\(request.method) \(url)"
    }

    private func noteServerClock(_ response: HTTPResponse) {
        let now = clocks.now
        guard let date = response.headers["Date"].flatMap({ Instant(httpDate: $0, now: now) }) else { return }
        let ahead = date - now
        // The header has whole seconds, and the answer took its time.
        let isNoise = ahead > .seconds(-3) && ahead < .seconds(3)
        serverClock.withLock { $0 = isNoise ? .zero : ahead }
    }
}
