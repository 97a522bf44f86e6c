import ConnectorCore

/// One thing that goes wrong, for requests whose path begins so.
struct PlannedFault: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// An error answer: `500`, `502`, `503`, or any other status of three digits.
        case status(Int)
        case tooManySeconds
        case tooManyDate
        case reset
        case slow
        case stall
        /// Valid HTTP, cut JSON.
        case truncate
        /// Fewer bytes than `Content-Length` promised, then an orderly end.
        case short
        case delay
        case expiredToken
        case duplicatePage
        case reorderPage
        case htmlError
        case garbage
        case deepJSON
        case huge
        case error200
        case gzipInNameOnly
        case clockSkew
        case changeWhilePaging
        case restartOnUnknownAnchor
        case expiredDelta
    }

    static let names: [String: Kind] = [
        "429_seconds": .tooManySeconds, "429_date": .tooManyDate, "reset": .reset, "slow": .slow, "stall": .stall,
        "truncate": .truncate, "short": .short, "delay": .delay, "expired_token": .expiredToken,
        "duplicate_page": .duplicatePage, "reorder_page": .reorderPage, "html_error": .htmlError,
        "garbage": .garbage, "deep_json": .deepJSON, "huge": .huge, "error_200": .error200,
        "gzip_in_name_only": .gzipInNameOnly, "clock_skew": .clockSkew, "change_while_paging": .changeWhilePaging,
        "restart_on_unknown_anchor": .restartOnUnknownAnchor, "expired_delta": .expiredDelta,
    ]

    var kind: Kind
    var match: String
    var method: String?
    /// Matches left alone first.
    var after: Int
    /// Matches that fail; nil is for ever.
    var times: Int?
    /// Further settings, as they came: `seconds`, `after_bytes`, `chunk`, `every_ms`, `bytes`, `depth`, `apply`, …
    var settings: SandboxJSON

    struct Mistake: Error, Equatable {
        let message: String
    }

    init(_ json: SandboxJSON) throws(Mistake) {
        let name = json["kind"]?.text ?? ""
        if let kind = Self.names[name] {
            self.kind = kind
        } else if let status = Int(name), (400...599).contains(status) {
            kind = .status(status)
        } else {
            throw Mistake(
                message: "kind \"\(name)\" is unknown; a status of 400 to 599 or one of \(Self.names.keys.sorted())"
            )
        }
        match = json["match"]?.text ?? "/"
        method = json["method"]?.text
        after = json["after"]?.int ?? 0
        times = json["times"]?.int
        settings = json
    }

    func number(_ name: String, _ fallback: Int) -> Int {
        settings[name]?.int ?? fallback
    }
}

/// The faults that are due, first come first served; each counts its own matches.
struct FaultPlan: Sendable {
    static let maximumFaults = 1_000
    private(set) var faults: [PlannedFault] = []

    mutating func add(_ json: SandboxJSON) throws(PlannedFault.Mistake) {
        let parts = json["faults"]?.elements ?? json.elements ?? [json]
        guard faults.count + parts.count <= Self.maximumFaults else {
            throw PlannedFault.Mistake(message: "too many faults")
        }
        var added: [PlannedFault] = []
        for part in parts { added.append(try PlannedFault(part)) }
        faults += added
    }

    mutating func clear() {
        faults = []
    }

    mutating func clear(_ kind: PlannedFault.Kind) {
        faults.removeAll { $0.kind == kind }
    }

    /// Every fault that strikes this request; each may strike together with others.
    mutating func strike(method: String, path: String) -> [PlannedFault] {
        var struck: [PlannedFault] = []
        for index in faults.indices where path.hasPrefix(faults[index].match) {
            if let only = faults[index].method, only != method { continue }
            if faults[index].after > 0 {
                faults[index].after -= 1
                continue
            }
            if let times = faults[index].times {
                guard times > 0 else { continue }
                faults[index].times = times - 1
            }
            struck.append(faults[index])
        }
        faults.removeAll { $0.times == 0 }
        return struck
    }
}

/// The server's own rate limit: a bucket, filled at a steady rate.
struct ServerLimit: Sendable {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var last: MonotonicInstant

    init(rate: Double, burst: Double, now: MonotonicInstant) {
        (self.rate, self.burst, tokens, last) = (rate, burst, burst, now)
    }

    /// Nil when the request may pass, otherwise the seconds until it might.
    mutating func take(at now: MonotonicInstant) -> Double? {
        tokens = min(burst, tokens + (now - last).inSeconds * rate)
        last = now
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return (1 - tokens) / rate
    }

    /// `X-RateLimit-*` of the specification.
    func headers(now: Instant) -> [(String, String)] {
        let wait = Int64(((burst - tokens) / rate).rounded(.up))
        return [
            ("X-RateLimit-Limit", String(Int(burst))), ("X-RateLimit-Remaining", String(Int(max(0, tokens)))),
            ("X-RateLimit-Reset", String(now.seconds + wait)),
        ]
    }
}
