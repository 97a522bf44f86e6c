/// What a webhook request claims: the signatures it bears, what they are over, and when it was signed. Whether one of
/// them is right takes a secret and a digest; this value needs neither, nor a clock.
package struct WebhookClaim: Sendable, Equatable {
    /// Decoded; at least one.
    package var signatures: [[UInt8]]
    /// The bytes that were signed, in pieces: the body is large, and need not be copied behind a time.
    package var signed: [[UInt8]]
    /// Nil where the scheme has none.
    package var time: Instant?

    /// A sender signs with each of its secrets while one is rolled: two, seldom three. More is an attempt to guess.
    private static let maximumSignatures = 8
    /// Three SHA-512 digests in hex fit four times.
    private static let maximumHeaderBytes = 2048
    /// Unix seconds of any time that an `Instant` holds.
    private static let maximumTimeDigits = 12

    package init(signatures: [[UInt8]], signed: [[UInt8]], time: Instant? = nil) {
        self.signatures = signatures
        self.signed = signed
        self.time = time
    }

    /// Reads what a request claims, as the scheme says. Throws where it bears no signature, or not in the scheme's form.
    package init(
        body: [UInt8],
        headers: TransportHeaders,
        _ signature: WebhookSignature
    ) throws(WebhookRefusal) {
        guard let header = try WebhookClaim.only(signature.header, headers), !header.isEmpty else {
            throw .unsigned
        }
        let pairs = WebhookClaim.pairs(header)
        signatures = try WebhookClaim.signatures(header, pairs, signature)
        var timeText: Substring?
        if let place = signature.time?.place {
            let text = try WebhookClaim.time(place, pairs, headers)
            time = try WebhookClaim.instant(text)
            timeText = text
        }
        signed = []
        for part in signature.signs {
            switch part {
            case .body: signed.append(body)
            case .time: signed.append(Array((timeText ?? "").utf8))
            case .text(let text): signed.append(Array(text.utf8))
            case .header(let name):
                guard let value = try WebhookClaim.only(name, headers) else { throw .malformedSignature }
                signed.append(Array(value.utf8))
            }
        }
    }

    /// Whether the time is near enough to now; either end of the tolerance still is.
    package func checkTime(now: Instant, _ signature: WebhookSignature) throws(WebhookRefusal) {
        guard let time, let tolerance = signature.time?.tolerance else { return }
        if now - time > tolerance { throw .tooOld }
        if time - now > tolerance { throw .tooNew }
    }

    /// A header that comes twice says two things: nobody knows which one the sender meant.
    static func only(_ name: String, _ headers: TransportHeaders) throws(WebhookRefusal) -> String? {
        try only(headers.all(name))
    }

    /// Of a header's values, or a query parameter's.
    static func only(_ values: [String]) throws(WebhookRefusal) -> String? {
        guard values.count <= 1, values.allSatisfy({ $0.utf8.count <= maximumHeaderBytes }) else {
            throw .malformedSignature
        }
        return values.first
    }

    /// `name=value` between commas; spaces around a pair do not count.
    private static func pairs(_ header: String) -> [(name: Substring, value: Substring)] {
        header.split(separator: ",").compactMap { pair in
            guard let equals = pair.firstIndex(of: "=") else { return nil }
            let name = pair[..<equals].drop { $0 == " " }
            let value = pair[pair.index(after: equals)...]
            return (name, value.last == " " ? value.prefix { $0 != " " } : value)
        }
    }

    private static func signatures(
        _ header: String,
        _ pairs: [(name: Substring, value: Substring)],
        _ signature: WebhookSignature
    ) throws(WebhookRefusal) -> [[UInt8]] {
        let texts: [Substring] =
            switch signature.form {
            case .plain(let prefix): header.hasPrefix(prefix) ? [header.dropFirst(prefix.count)] : []
            case .list(let name): pairs.filter { $0.name == name }.map(\.value)
            }
        guard texts.count <= maximumSignatures else { throw .malformedSignature }
        let decoded = texts.compactMap { text in
            switch signature.encoding {
            case .hex: HexText.bytes(text)
            case .base64: Base64Text.bytes(text)
            }
        }
        // Of several, one that can't be read is one that can't be right.
        let signatures = decoded.filter { !$0.isEmpty }
        guard !signatures.isEmpty else { throw .malformedSignature }
        return signatures
    }

    private static func time(
        _ place: WebhookSignature.Time.Place,
        _ pairs: [(name: Substring, value: Substring)],
        _ headers: TransportHeaders
    ) throws(WebhookRefusal) -> Substring {
        switch place {
        case .header(let name):
            guard let text = try only(name, headers) else { throw .malformedSignature }
            return text[...]
        case .listed(let name):
            let texts = pairs.filter { $0.name == name }
            guard texts.count == 1 else { throw .malformedSignature }
            return texts[0].value
        }
    }

    private static func instant(_ text: Substring) throws(WebhookRefusal) -> Instant {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { $0.isASCIIDigit }
        guard isNumber, text.utf8.count <= maximumTimeDigits, let seconds = Int64(text) else {
            throw .malformedSignature
        }
        return Instant(seconds: seconds)
    }
}
