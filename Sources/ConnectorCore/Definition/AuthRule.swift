/// How a connector proves who it is.
package enum AuthRule: Sendable, Equatable {
    case none
    /// `Authorization: Bearer …`
    case bearer(Secret)
    /// `Authorization: Basic …`
    case basic(user: String, password: Secret)
    /// The key in a header of its own.
    case apiKey(header: String, Secret)
    /// A login call yields a token that later requests bear.
    case session(SessionRule)

    /// Everything that must never be printed.
    package var secrets: [Secret] {
        switch self {
        case .none: []
        case .bearer(let secret), .apiKey(_, let secret): [secret]
        case .basic(_, let password): [password]
        case .session(let rule): [rule.password]
        }
    }
}

/// A login call and what later requests make of its answer.
package struct SessionRule: Sendable, Equatable {
    package var user: String
    package var password: Secret
    package var path: Template
    package var body: JSONTemplate
    /// Variables read from the answer, by path.
    package var returns: [String: [String]]
    package var header: String
    /// Encoded in base64, this is `${base64}` in `value`.
    package var base64: Template?
    package var value: Template

    package init(
        user: String,
        password: Secret,
        path: Template,
        body: JSONTemplate,
        returns: [String: [String]],
        header: String,
        base64: Template?,
        value: Template
    ) {
        self.user = user
        self.password = password
        self.path = path
        self.body = body
        self.returns = returns
        self.header = header
        self.base64 = base64
        self.value = value
    }

    /// Every placeholder of the login.
    var variables: [String] {
        path.variables + body.variables + (base64?.variables ?? []) + value.variables
    }
}
