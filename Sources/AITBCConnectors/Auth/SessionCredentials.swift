import ConnectorCore

/// A proof that a login or a token server gave, and that a server may write into the links it makes.
protocol SessionCredentials: AuthHandler {
    /// The tokens that requests bear now, by names that stay; none where there is none yet. What gets such tokens, as a
    /// refresh token does, is not among them.
    var tokens: [NamedSecret] { get async }
    /// Those of before, by the same names: an answer may still be on its way.
    var formerTokens: [NamedSecret] { get async }
}

extension OAuth2Auth: SessionCredentials {
    var tokens: [NamedSecret] { get async { await source.named } }
    var formerTokens: [NamedSecret] { get async { await source.namedFormer } }
}

extension JWTBearerAuth: SessionCredentials {
    var tokens: [NamedSecret] { get async { await source.named } }
    var formerTokens: [NamedSecret] { get async { await source.namedFormer } }
}

extension SessionAuth: SessionCredentials {
    var tokens: [NamedSecret] { get async { await session.known } }
    var formerTokens: [NamedSecret] { get async { await session.former } }
}

extension TokenSource {
    private static let name = "session.access"

    fileprivate var named: [NamedSecret] { secrets.map { NamedSecret(Self.name, $0) } }
    fileprivate var namedFormer: [NamedSecret] { former.map { NamedSecret(Self.name, $0) } }
}
