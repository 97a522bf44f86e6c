import ConnectorCore

/// The circuit breakers of an account's hosts, and why each of them opened. Only hosts that failed have one.
struct HostBreakers: Sendable {
    /// An account has one host, and one of its token server; a list's links may lead to others.
    private static let mostHosts = 64

    struct Trouble: Sendable {
        /// In words, for a log.
        var cause: String
        /// The error that the last caller got.
        var error: (any AITBCError)?
    }

    private struct Host: Sendable {
        var breaker: CircuitBreaker
        var trouble = Trouble(cause: "")
    }

    /// Closed; nil where nothing is ever held back.
    private let pattern: CircuitBreaker?
    private var hosts: [String: Host] = [:]

    init(_ pattern: CircuitBreaker?) {
        self.pattern = pattern
    }

    mutating func begin(_ url: String, at now: MonotonicInstant) -> AccountGate.Start {
        guard !hosts.isEmpty, var host = hosts[Self.name(url)] else { return .go }
        defer { hosts[Self.name(url)] = host }
        return switch host.breaker.admit(at: now) {
        case .go: .go
        case .probe: .probe
        case .wait(let span): .resting(span, host.trouble)
        }
    }

    mutating func succeeded(_ url: String, at now: MonotonicInstant) {
        change(url) { $0.breaker.succeeded(at: now) }
    }

    mutating func failed(_ url: String, _ trouble: Trouble, at now: MonotonicInstant) {
        guard let pattern else { return }
        let name = Self.name(url)
        if hosts[name] == nil, hosts.count >= Self.mostHosts { hosts = [:] }
        hosts[name, default: Host(breaker: pattern)].breaker.failed(at: now)
        hosts[name]?.trouble = trouble
    }

    mutating func abandoned(_ url: String, at now: MonotonicInstant) {
        change(url) { $0.breaker.abandoned(at: now) }
    }

    /// Begins anew with servers that counted as down.
    mutating func forget() { hosts = [:] }

    private mutating func change(_ url: String, _ body: (inout Host) -> Void) {
        guard !hosts.isEmpty, var host = hosts[Self.name(url)] else { return }
        body(&host)
        hosts[Self.name(url)] = host.breaker == pattern ? nil : host
    }

    /// Scheme, host and port, as the URL has them.
    private static func name(_ url: String) -> String {
        var slashes = 0
        return String(
            decoding: url.utf8.prefix { byte in
                if byte == UInt8(ascii: "/") { slashes += 1 }
                return slashes < 3
            },
            as: UTF8.self
        )
    }
}
