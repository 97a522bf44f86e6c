/// What the fields of an answer say about the quota that is left, in the spellings that APIs use:
/// `X-RateLimit-Limit/Remaining/Reset` (also `X-Rate-Limit-…` and `RateLimit-…`), the IETF drafts' `RateLimit` with
/// `RateLimit-Policy` in both forms, and `Retry-After`.
///
/// A server may send anything: what is negative, too long or no number is ignored, and a pause is never longer than
/// `longestPause`.
package struct ServerQuota: Equatable, Sendable {
    /// A daily quota that is spent is asked about once an hour: a wrong or hostile field must not stop a connector for
    /// longer than a person takes to notice.
    package static let longestPause: Duration = .seconds(3600)

    package private(set) var limit: Int64?
    package private(set) var remaining: Int64?
    /// Until the quota is whole again.
    package private(set) var reset: Duration?
    /// From `Retry-After` of an answer that is an error. On others (202) it means something else.
    package private(set) var retryAfter: Duration?

    package init(status: Int, headers: TransportHeaders, now: Instant) {
        // Most answers say nothing of it, and each is asked.
        guard headers.fields.contains(where: { Self.speaksOfQuota($0.name) }) else { return }
        // Absolute times are the server's: its own clock tells how far away they are.
        let serverNow = headers["Date"].flatMap { Instant(httpDate: $0, now: now) } ?? now
        readSeparateFields(headers, now: serverNow)
        readStructuredField(headers)
        if status >= 400 {
            retryAfter = headers["Retry-After"].flatMap { QuotaField.span($0, now: serverNow) }
        }
    }

    private static func speaksOfQuota(_ name: String) -> Bool {
        guard let first = name.utf8.first?.asciiLowercased, first == UInt8(ascii: "r") || first == UInt8(ascii: "x")
        else {
            return false
        }
        return ["x-rate", "rateli", "retry-"].contains { name.utf8.startsIgnoringCase($0.utf8) }
    }

    /// How long to send nothing; `nil`: go on.
    package var pause: Duration? {
        let untilReset = remaining == 0 ? reset ?? .zero : .zero
        let longest = min(max(untilReset, retryAfter ?? .zero), ServerQuota.longestPause)
        return longest > .zero ? longest : nil
    }

    private mutating func readSeparateFields(_ headers: TransportHeaders, now: Instant) {
        for prefix in ["X-RateLimit-", "X-Rate-Limit-", "RateLimit-"] {
            if let text = headers[prefix + "Limit"] { limit = QuotaField.count(text) ?? limit }
            if let text = headers[prefix + "Remaining"] { remaining = QuotaField.count(text) ?? remaining }
            if let text = headers[prefix + "Reset"] { reset = QuotaField.span(text, now: now) ?? reset }
        }
    }

    private mutating func readStructuredField(_ headers: TransportHeaders) {
        guard let text = headers["RateLimit"] else { return }
        let items = QuotaField.items(text)
        let windows = QuotaField.items(headers["RateLimit-Policy"] ?? "")
        guard let tightest = items.filter({ $0["r"] != nil }).min(by: QuotaField.isTighter) else {
            return readEarlierDraft(items)
        }
        let policy = windows.first { $0.name == tightest.name }
        remaining = tightest["r"]
        limit = policy?["q"] ?? limit
        // Without a time of its own the quota is whole after one window of its policy at the latest.
        reset = (tightest["t"] ?? policy?["w"]).map { .seconds($0) } ?? reset
    }

    /// `limit=100, remaining=50, reset=5`.
    private mutating func readEarlierDraft(_ items: [QuotaField]) {
        func value(_ key: String) -> Int64? { items.lazy.compactMap { $0[key] }.first }
        limit = value("limit") ?? limit
        remaining = value("remaining") ?? remaining
        reset = value("reset").map { .seconds($0) } ?? reset
    }
}

extension String.UTF8View {
    /// `prefix` in lower case.
    fileprivate func startsIgnoringCase(_ prefix: String.UTF8View) -> Bool {
        starts(with: prefix) { $0.asciiLowercased == $1 }
    }
}

/// One member of a list field: `"default";r=50;t=30`, or `limit=100` with no name.
private struct QuotaField {
    /// More members than this are not read.
    private static let mostItems = 16
    /// Longer numbers are nonsense; 15 digits hold Unix milliseconds.
    private static let mostDigits = 15
    /// Reset fields above this are Unix time, not a span: 2001-09-09, or 31 years from now.
    private static let leastUnixSeconds: Int64 = 1_000_000_000
    private static let leastUnixMilliseconds: Int64 = 1_000_000_000_000

    var name: String
    private var parameters: [(key: String, value: Int64)]

    subscript(key: String) -> Int64? { parameters.first { $0.key == key }?.value }

    static func items(_ text: String) -> [QuotaField] {
        text.split(separator: ",").prefix(mostItems).map { member in
            var field = QuotaField(name: "", parameters: [])
            for part in member.split(separator: ";").prefix(mostItems) {
                let pair = part.split(separator: "=", maxSplits: 1).map(trimmed)
                if pair.count == 2, let value = count(pair[1]) {
                    field.parameters.append((pair[0], value))
                } else if field.name.isEmpty {
                    field.name = pair.first ?? ""
                }
            }
            return field
        }
    }

    /// Less left comes first, then the longer wait.
    static func isTighter(_ left: QuotaField, _ right: QuotaField) -> Bool {
        (left["r"] ?? .max, -(left["t"] ?? 0)) < (right["r"] ?? .max, -(right["t"] ?? 0))
    }

    /// A whole number that is not negative. What follows it in a list or as parameters (`100, 100;w=60`) is left out.
    static func count(_ text: some StringProtocol) -> Int64? {
        var scanner = ASCIIScanner(trimmed(text).utf8)
        guard let number = scanner.number(most: mostDigits) else { return nil }
        let ends = scanner.isAtEnd || scanner.take(",") || scanner.take(";") || scanner.take(".") || scanner.take(" ")
        return ends ? Int64(number) : nil
    }

    /// Seconds from now, Unix seconds or milliseconds (told apart by size), or a date. Fractions round up: to come a
    /// moment late is better than to be refused again.
    static func span(_ text: String, now: Instant) -> Duration? {
        let text = trimmed(text)
        guard let number = wholeSeconds(text) else {
            let date = Instant(httpDate: text, now: now) ?? (text.count > 10 ? Instant(iso8601: text) : nil)
            return date.map { max(.zero, $0 - now) }
        }
        switch number {
        case ..<leastUnixSeconds: return .seconds(number)
        case ..<leastUnixMilliseconds: return max(.zero, Instant(seconds: number) - now)
        default: return max(.zero, Instant(seconds: number / 1000 + 1) - now)
        }
    }

    private static func wholeSeconds(_ text: String) -> Int64? {
        var scanner = ASCIIScanner(text.utf8)
        guard let number = scanner.number(most: mostDigits) else { return nil }
        guard scanner.take(".") else { return scanner.isAtEnd ? Int64(number) : nil }
        guard let fraction = scanner.nanoFraction(), scanner.isAtEnd else { return nil }
        return Int64(number) + (fraction > 0 ? 1 : 0)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = Substring(text).drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
