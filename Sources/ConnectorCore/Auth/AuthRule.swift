/// How a connector proves who it is.
package indirect enum AuthRule: Sendable, Equatable {
    case none
    /// `Authorization: Bearer …`
    case bearer(Secret)
    /// `Authorization: Basic …`
    case basic(user: String, password: Secret)
    /// The key in a header of its own.
    case apiKey(header: String, Secret)
    /// A login call yields a token that later requests bear.
    case session(SessionRule)
    /// A signature over time and key, or over the whole request.
    case hmac(HMACRule)
    /// A token that a token server gives.
    case oauth2(OAuth2Rule)
    /// Each request is signed (RFC 5849 with SHA-256).
    case oauth1(OAuth1Rule)
    /// A signed assertion that a token server exchanges for a token (RFC 7523).
    case jwtBearer(JWTBearerRule)
    /// A TLS client certificate.
    case certificate(TLSFiles)
    /// Another proof, and a token that writes have to bear.
    case csrf(path: Template, AuthRule)

    /// For what is named after it: `auth` and the way to prove.
    package var name: String {
        switch self {
        case .none: "auth.none"
        case .bearer: "auth.bearer"
        case .basic: "auth.basic"
        case .apiKey: "auth.api_key"
        case .session: "auth.session"
        case .hmac: "auth.hmac"
        case .oauth2: "auth.oauth2"
        case .oauth1: "auth.oauth1"
        case .jwtBearer: "auth.jwt_bearer"
        case .certificate: "auth.certificate"
        case .csrf(_, let rule): rule.name
        }
    }

    /// Everything that must never be printed.
    package var secrets: [Secret] {
        switch self {
        case .none: []
        case .bearer(let secret), .apiKey(_, let secret): [secret]
        case .basic(_, let password): [password]
        case .session(let rule): [rule.password]
        case .hmac(let rule): [rule.key, rule.secret]
        case .oauth2(let rule): [rule.clientSecret] + (rule.refreshToken.map { [$0] } ?? [])
        case .oauth1(let rule): [rule.consumerSecret, rule.tokenSecret]
        case .jwtBearer(let rule): [rule.privateKey] + (rule.passphrase.map { [$0] } ?? [])
        case .certificate(let files): files.keyPassphrase.map { [$0] } ?? []
        case .csrf(_, let rule): rule.secrets
        }
    }

    /// Every placeholder in it.
    package var variables: [String] {
        switch self {
        case .session(let rule): rule.variables
        case .csrf(let path, let rule): path.variables + rule.variables
        case .none, .bearer, .basic, .apiKey, .hmac, .oauth2, .oauth1, .jwtBearer, .certificate: []
        }
    }

    /// Who it proves to be, for telling accounts apart; holds secrets.
    package var identity: String {
        switch self {
        case .none: ""
        case .bearer(let secret), .apiKey(_, let secret): secret.reveal()
        case .basic(let user, let password): user + ":" + password.reveal()
        case .session(let rule): rule.user + ":" + rule.password.reveal()
        case .hmac(let rule): rule.key.reveal() + ":" + rule.secret.reveal()
        case .oauth2(let rule): "\(rule.tokenURL.text) \(rule.clientID):" + rule.clientSecret.reveal()
        case .oauth1(let rule): "\(rule.consumerKey) \(rule.token):" + rule.tokenSecret.reveal()
        case .jwtBearer(let rule): "\(rule.tokenURL.text) " + rule.claims.text
        case .certificate(let files): "\(files.certificate ?? "") \(files.key ?? "")"
        case .csrf(_, let rule): rule.identity
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
    package var variables: [String] {
        path.variables + body.variables + (base64?.variables ?? []) + value.variables
    }
}
