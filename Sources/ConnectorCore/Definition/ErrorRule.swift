/// How an API says that something went wrong: which part of the answer bears the message, and which codes mean more
/// than their HTTP status. Data of a definition.
package struct ErrorRule: Sendable, Equatable {
    /// A member whose presence makes an answer an error even with status 200 (JSON-RPC's `error`).
    package var present: [String]?
    /// What stands there where all is well, besides null, false and what is empty.
    package var ok: [String]
    /// The first of these places that holds something: parts of one API, and what stands before it, use several.
    package var message: [[String]]
    package var code: [[String]]
    /// What means that the page position is no longer known.
    package var positionLost: [ErrorMatch]
    /// That the credentials are not, or no longer, good.
    package var credentials: [ErrorMatch]
    /// That there were too many requests, whatever the status.
    package var throttled: [ErrorMatch]
    /// That another try is worth it, whatever the status.
    package var transient: [ErrorMatch]

    package init(
        present: [String]? = nil,
        ok: [String] = [],
        message: [[String]] = [],
        code: [[String]] = [],
        positionLost: [ErrorMatch] = [],
        credentials: [ErrorMatch] = [],
        throttled: [ErrorMatch] = [],
        transient: [ErrorMatch] = []
    ) {
        self.present = present
        self.ok = ok
        self.message = message
        self.code = code
        self.positionLost = positionLost
        self.credentials = credentials
        self.throttled = throttled
        self.transient = transient
    }

    private static let none = ["null", "false", "\"\"", "[]", "{}"].map { Array($0.utf8) }

    /// Whether the compact JSON in an error's place says that there is none.
    package func isNone(_ json: some Collection<UInt8>) -> Bool {
        if Self.none.contains(where: { json.elementsEqual($0) }) { return true }
        guard !ok.isEmpty else { return false }
        let bytes = Array(json)
        return JSONText.plain(bytes, 0..<bytes.count).map(ok.contains) ?? false
    }

    /// What of an answer is looked at.
    package struct Words: Sendable, Equatable {
        package var code: String?
        package var message: String?
        package var status: Int

        package init(code: String? = nil, message: String? = nil, status: Int) {
            self.code = code
            self.message = message
            self.status = status
        }
    }

    /// What the answer's own words mean; nil where they say no more than the status.
    package func kind(of words: Words) -> FailureClass? {
        let rules: [(matches: [ErrorMatch], kind: FailureClass)] = [
            (positionLost, .positionLost), (credentials, .credentials), (throttled, .throttled),
            (transient, .transient),
        ]
        // What names more of the answer wins: a family of codes may have one that means something else.
        var best: (weight: Int, kind: FailureClass)?
        for rule in rules {
            for match in rule.matches where match.fits(words) && match.weight > best?.weight ?? -1 {
                best = (match.weight, rule.kind)
            }
        }
        return best?.kind
    }
}

/// What an error's words are compared with; all that is given must fit.
package struct ErrorMatch: Sendable, Equatable, ExpressibleByStringLiteral {
    /// Without the `*` that makes it a beginning.
    package var code: String?
    /// The code begins like this.
    package var isPrefix: Bool
    /// Part of the message, in upper or lower case.
    package var message: String?
    package var status: Int?

    package init(code: String? = nil, message: String? = nil, status: Int? = nil) {
        isPrefix = code?.hasSuffix("*") ?? false
        self.code = code.map { isPrefix ? String($0.dropLast()) : $0 }
        self.message = message
        self.status = status
    }

    package init(stringLiteral code: String) {
        self.init(code: code)
    }

    func fits(_ words: ErrorRule.Words) -> Bool {
        if let status, status != words.status { return false }
        if let code {
            guard let other = words.code, isPrefix ? other.hasPrefix(code) : other == code else { return false }
        }
        guard let message else { return code != nil || status != nil }
        return words.message?.lowercased().contains(message.lowercased()) ?? false
    }

    /// How much it names: a whole code more than any beginning, a longer beginning more than a shorter one.
    fileprivate var weight: Int {
        let word = code.map { isPrefix ? $0.utf8.count : Self.whole } ?? 0
        return word + (message == nil ? 0 : Self.whole) + (status == nil ? 0 : Self.whole)
    }

    /// No code is as long.
    private static let whole = 10_000
}
