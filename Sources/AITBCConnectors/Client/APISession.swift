package import ConnectorCore
import Synchronization

/// One connector's way to its API: one authenticated attempt, and what the answer means.
///
/// Retries are decided above (`SyncMachine` asks the policy); here only a proof that is no longer good is replaced, once.
package final class APISession: Sendable {
    package let connector: ConnectorDefinition
    package let gate: AccountGate
    /// What its pages are held in; nil where they are not counted.
    package let memory: PageMemory?
    private let clocks: any Clocks
    private let exchange: Exchange
    /// The same as the exchange's, where it is a session that can be ended.
    private let tokens: SessionTokens?
    private let credentials: (any SessionCredentials)?
    private let configured: [NamedSecret]
    private let serverClock = Mutex<Duration>(.zero)
    private let secrets: ConnectorSecrets

    /// `onPause` is called when the server's own quota stops us for a while. A proof that can't be made (a key that is
    /// none) is a failure of each request.
    package init(
        _ connector: ConnectorDefinition,
        gate: AccountGate,
        transport: any HTTPTransport,
        clocks: any Clocks,
        tokenStore: any TokenStore = MemoryTokenStore(),
        memory: PageMemory? = nil,
        onPause: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.connector = connector
        self.gate = gate
        self.memory = memory
        self.clocks = clocks
        let secrets = ConnectorSecrets(connector.auth, others: connector.carried.map(\.secret))
        self.secrets = secrets
        let auth = AuthHandlers.makeOrFail(
            connector.auth,
            AuthHandlers.Surroundings(
                connector: connector,
                secrets: secrets,
                clocks: clocks,
                tokenStore: tokenStore
            ) { (request) async throws(Exchange.Failure) in
                try await Exchange.attempt(request, gate, transport, onPause)
            }
        )
        let proof = (auth as? CSRFAuth)?.inner ?? auth
        tokens = (proof as? SessionAuth)?.session
        credentials = proof as? any SessionCredentials
        configured = connector.credentials
        exchange = Exchange(gate: gate, transport: transport, auth: auth, clocks: clocks, onPause: onPause)
    }

    func replaceKey(with key: Secret) throws { try exchange.replaceKey(with: key, secrets) }

    /// The server's own time, as its last answer showed it. Small differences are the network's.
    package var serverNow: Instant { clocks.now + serverClock.withLock { $0 } }

    /// What a connector's operations are called with.
    package func caller(_ family: Caller.Family) -> Caller {
        Caller(
            exchange: exchange,
            retry: connector.retry,
            errors: connector.errors,
            family: family,
            secrets: secrets
        )
    }

    /// One authenticated attempt, for reading: it may be sent a second time with a fresh proof after any answer that
    /// means that the first was refused, 403 included. Any answer but a success is thrown as what it means. `observer`
    /// hears when the request waits for its turn in the account's rate limit, or for room in `share`.
    package func send(
        _ request: TransportRequest,
        observer: (any WaitObserver)? = nil,
        share: MemoryShare? = nil
    ) async throws(SyncFailure) -> TransportResponse {
        let response: TransportResponse
        do throws(Exchange.Failure) {
            response = try await exchange.send(request, observer: observer, share: share) { [self] in
                refusesProof($0, request)
            }
        } catch {
            await learnSecrets()
            throw withoutSecrets(SyncFailure(error, Self.shown(request)))
        }
        noteServerClock(response)
        guard FailureClass(status: response.status) != nil else { return response }
        await learnSecrets()
        if let failure = failure(response, request) { throw failure }
        return response
    }

    private func learnSecrets() async {
        for secret in await exchange.auth.secrets { secrets.learn(secret) }
    }

    /// A 2xx answer that its body calls an error, once the page was read.
    package func failure(inBodyOf response: TransportResponse, _ request: TransportRequest) -> SyncFailure {
        answered(response, request, kind: .refused)
    }

    /// The failure as it may be logged and kept: servers repeat what they were sent, credentials included.
    package func withoutSecrets(_ failure: SyncFailure) -> SyncFailure {
        var failure = failure
        failure.message = secrets.redact(failure.message)
        return failure
    }

    /// Whether an answer repeats a credential, so that no part of it may be quoted.
    package func repeatsSecret(_ response: TransportResponse) -> Bool {
        secrets.occur(in: response.body)
    }

    /// An error in a 2xx answer means that the session has ended. Says whether another login may help.
    package func sessionEnded() async -> Bool {
        guard let tokens else { return false }
        await tokens.invalidate()
        return true
    }

    // MARK: Links that are kept

    /// A next page's link without the credentials that its server wrote into it.
    package func withoutCredentials(_ link: String) async -> String {
        (await links).takenOut(of: link)
    }

    /// The link as the server made it; a session's token is had first where there is none yet.
    package func withCredentials(_ link: String) async throws(SyncFailure) -> String {
        guard LinkCredentials.lacksCredentials(link) else { return link }
        var whole = (await links).putBack(into: link)
        guard LinkCredentials.lacksCredentials(whole) else { return whole }
        do throws(Exchange.Failure) {
            try await exchange.prove()
        } catch {
            throw withoutSecrets(SyncFailure(error, "the next page"))
        }
        whole = (await links).putBack(into: link)
        guard !LinkCredentials.lacksCredentials(whole) else {
            let words = "the link of the next page bears a credential that the connector has no more"
            throw SyncFailure(.positionLost, words, hint: FailureHint.daemon.of(.positionLost))
        }
        return whole
    }

    private var links: LinkCredentials {
        get async {
            LinkCredentials(
                configured + (await credentials?.tokens ?? []),
                former: await credentials?.formerTokens ?? []
            )
        }
    }

    // MARK: What an answer means

    private func failure(_ response: TransportResponse, _ request: TransportRequest) -> SyncFailure? {
        guard let kind = FailureClass(response, now: clocks.now) else { return nil }
        return answered(response, request, kind: kind)
    }

    /// Some servers say 403 of a proof that has ended.
    private func refusesProof(_ response: TransportResponse, _ request: TransportRequest) -> Bool {
        switch failure(response, request)?.kind {
        case .credentials, .forbidden: true
        case .transient, .throttled, .gone, .positionLost, .badAnswer, .refused, nil: false
        }
    }

    private func answered(_ response: TransportResponse, _ request: TransportRequest, kind: FailureClass) -> SyncFailure
    {
        let body = AnswerError(response, connector.errors, secrets)
        let kind = body.kind ?? kind
        let words = body.message.map { ": \($0)" } ?? ""
        return SyncFailure(
            kind,
            "\(Self.shown(request)) was answered with status \(response.status)\(words)",
            hint: FailureHint.daemon.of(kind),
            status: response.status,
            retryAfter: ServerQuota(status: response.status, headers: response.headers, now: clocks.now).retryAfter
        )
    }

    /// Method and URL. A query is not shown: a next link's may hold a token, and a program's what nobody should read.
    package static func shown(_ request: TransportRequest) -> String {
        let limit = 200
        let place = request.url.prefix { $0 != "?" }
        let isWhole = place.endIndex == request.url.endIndex && place.utf8.count <= limit
        return "\(request.method) \(place.prefix(limit))" + (isWhole ? "" : "…")
    }

    private func noteServerClock(_ response: TransportResponse) {
        let now = clocks.now
        guard let date = response.headers["Date"].flatMap({ Instant(httpDate: $0, now: now) }) else { return }
        let ahead = date - now
        // The header has whole seconds, and the answer took its time.
        let isNoise = ahead > .seconds(-3) && ahead < .seconds(3)
        serverClock.withLock { $0 = isNoise ? .zero : ahead }
    }
}

extension SyncFailure {
    /// Nobody waits for the answer any more.
    static let stopped = SyncFailure(.transient, "the sync was stopped", hint: "")

    /// Why no answer came.
    init(_ failure: Exchange.Failure, _ shown: String) {
        switch failure {
        case .stopped: self = .stopped
        case .resting(let span, let cause):
            let message = "\(cause); \(shown) was not sent, since the server failed too often in a row"
            let hint = "check that the server runs; it is asked again by itself, after \(span.friendlyText) at first"
            self.init(.transient, message, hint: hint, isFinal: true)
        case .transport(let error):
            let kind = FailureClass(error) ?? .transient
            self.init(kind, "\(shown): \(error)", hint: FailureHint.daemon.of(error))
        case .auth(let error):
            if let failure = error.underlying as? SyncFailure {
                self = failure
            } else {
                let kind = Self.kind(of: error)
                self.init(
                    kind,
                    error.message,
                    hint: error.hint ?? FailureHint.daemon.of(kind),
                    status: error.statusCode,
                    retryAfter: error.retryAfter,
                    isFinal: error.code == "CIRCUIT_OPEN"
                )
            }
        }
    }

    /// What it means that no proof could be had.
    private static func kind(of error: any AITBCError) -> FailureClass {
        if error is AuthenticationError { return .credentials }
        if error is RateLimitError { return .throttled }
        if let status = error.statusCode.flatMap({ FailureClass(status: $0) }) { return status }
        return (error.underlying as? TransportError).flatMap { FailureClass($0) } ?? .transient
    }
}
