/// A keyed digest that proves a request.
package struct HMACRule: Sendable, Equatable {
    package var key: Secret
    package var secret: Secret
    /// `sha256`, `sha384` or `sha512`.
    package var algorithm: String
    /// Whether method, path and body are signed as well.
    package var signsRequest: Bool

    package init(key: Secret, secret: Secret, algorithm: String = "sha256", signsRequest: Bool = false) {
        self.key = key
        self.secret = secret
        self.algorithm = algorithm
        self.signsRequest = signsRequest
    }
}

/// How a token server is asked (RFC 6749 § 4.4 and § 6).
package struct OAuth2Rule: Sendable, Equatable {
    package var clientID: String
    package var clientSecret: Secret
    package var tokenURL: URLReference
    package var scope: String?
    /// The first one; a server may give another with each answer. Nil: client credentials.
    package var refreshToken: Secret?
    /// Whether id and secret stand in the form instead of in a Basic header.
    package var secretInForm: Bool

    package init(
        clientID: String,
        clientSecret: Secret,
        tokenURL: URLReference,
        scope: String? = nil,
        refreshToken: Secret? = nil,
        secretInForm: Bool = false
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.tokenURL = tokenURL
        self.scope = scope
        self.refreshToken = refreshToken
        self.secretInForm = secretInForm
    }
}

/// The four parts of an OAuth 1.0a proof; NetSuite also wants the realm (the account).
package struct OAuth1Rule: Sendable, Equatable {
    package var consumerKey: String
    package var consumerSecret: Secret
    package var token: String
    package var tokenSecret: Secret
    package var realm: String?

    package init(
        consumerKey: String,
        consumerSecret: Secret,
        token: String,
        tokenSecret: Secret,
        realm: String? = nil
    ) {
        self.consumerKey = consumerKey
        self.consumerSecret = consumerSecret
        self.token = token
        self.tokenSecret = tokenSecret
        self.realm = realm
    }
}

/// What is asserted, with which key, and where it is exchanged.
package struct JWTBearerRule: Sendable, Equatable {
    /// PEM.
    package var privateKey: Secret
    package var passphrase: Secret?
    package var keyID: String?
    /// `RS256` or `ES256`.
    package var algorithm: String
    /// `iss`, `sub`, `aud` and what else the server wants; times are added.
    package var claims: JSONValue
    package var tokenURL: URLReference

    package init(
        privateKey: Secret,
        passphrase: Secret? = nil,
        keyID: String? = nil,
        algorithm: String = "RS256",
        claims: JSONValue,
        tokenURL: URLReference
    ) {
        self.privateKey = privateKey
        self.passphrase = passphrase
        self.keyID = keyID
        self.algorithm = algorithm
        self.claims = claims
        self.tokenURL = tokenURL
    }
}

/// When a token is exchanged for the next.
package struct TokenLife: Sendable, Equatable {
    /// A new one comes so long before the old one ends …
    private static let lead: Duration = .seconds(300)
    /// … or at this share of its life, whichever is later: a short life is used too.
    private static let share = 0.8

    package let refreshAt: MonotonicInstant
    package let endsAt: MonotonicInstant

    package init(obtained: MonotonicInstant, lifetime: Duration) {
        endsAt = obtained + lifetime
        refreshAt = max(obtained + (lifetime - Self.lead), obtained + lifetime * Self.share)
    }

    package func isDue(at now: MonotonicInstant) -> Bool { now >= refreshAt }

    package func isOver(at now: MonotonicInstant) -> Bool { now >= endsAt }
}
