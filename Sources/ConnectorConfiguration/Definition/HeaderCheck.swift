import ConnectorCore

/// Headers that are written and never sent, because another setting writes the same one.
struct HeaderCheck {
    /// The names that something else writes, and what does.
    private let owners: [(name: String, owner: String)]

    init(_ auth: AuthRule, also others: [(name: String, owner: String)] = []) {
        owners = auth.headers.map { ($0, "the proof of identity (`auth_type`)") } + others
    }

    /// `headers` of the object that is read.
    func check(_ reader: inout ConfigReader) { reader.optional("headers").map(check) }

    /// `headers` of each object below a key: of streams, of operations.
    func checkEach(_ item: ConfigItem?) {
        guard let item, case .object(let members) = item.value.kind else { return }
        for member in members.lastOfEachName { item.member(member.name)?.member("headers").map(check) }
    }

    func check(_ headers: ConfigItem) {
        guard case .object(let members) = headers.value.kind else { return }
        for member in members.lastOfEachName {
            guard let owner = owners.first(where: { $0.name.lowercased() == member.name.lowercased() })?.owner else {
                continue
            }
            headers.member(member.name)?.error(
                "is never sent: \(owner) writes this header",
                "remove it here, or change what writes it"
            )
        }
    }
}

extension AuthRule {
    /// The headers that a proof writes into each request.
    fileprivate var headers: [String] {
        switch self {
        case .none, .certificate: []
        case .bearer, .basic, .oauth2, .oauth1, .jwtBearer: ["Authorization"]
        case .apiKey(let header, _): [header]
        case .session(let rule): [rule.header]
        case .hmac: ["X-API-Key", "X-Timestamp", "X-Signature"]
        case .csrf(_, let rule): ["X-CSRF-Token"] + rule.headers
        }
    }
}
