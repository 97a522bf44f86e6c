import ConnectorCore

/// A token as a server gave it.
struct FetchedToken: Sendable {
    let token: Secret
    let lifetime: Duration
    /// How long ago it was given: one that others share may be older than our question.
    var age: Duration = .zero
}

/// One token for all who ask: fetched once however many wait, renewed before it ends.
actor TokenSource {
    /// For servers that do not say how long a token lives (RFC 6749 § 5.1 only recommends it).
    static let defaultLifetime: Duration = .seconds(3600)
    /// After a renewal that failed, a token that still holds is used for so long before the next try: a token server that
    /// is down must not be asked by every request, whose account it would soon put to rest.
    static let pauseAfterFailure: Duration = .seconds(10)

    private let clocks: any Clocks
    /// Is told which token is no longer good, so that nobody hands it out again.
    typealias Fetch = @Sendable (_ refused: Secret?) async throws -> FetchedToken

    private let fetch: Fetch
    private var refused: Secret?
    /// The token before.
    private(set) var former: [Secret] = []
    private var current: (token: Secret, life: TokenLife)?
    private var refresh: Task<Secret, any Error>?
    private var restsUntil: MonotonicInstant?

    init(clocks: any Clocks, fetch: @escaping Fetch) {
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
        guard current?.token == token else { return }
        (current, former) = (nil, [token])
        refused = token
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
            let fetched = try await fetch(refused)
            let obtained = clocks.monotonic + (.zero - fetched.age)
            if let before = current?.token, before != fetched.token { former = [before] }
            current = (fetched.token, TokenLife(obtained: obtained, lifetime: fetched.lifetime))
            restsUntil = nil
            return fetched.token
        } catch {
            restsUntil = clocks.monotonic + Self.pauseAfterFailure
            throw error
        }
    }
}
