import ConnectorCore

/// Proofs that are computed: signatures, tokens, certificates.
extension AuthReader {
    func signed(_ kind: Kind, _ reader: inout ConfigReader) -> AuthRule {
        switch kind {
        case .hmac: return hmac(&reader)
        case .oauth2:
            unused(&reader, kind, "api_key")
            return reader.object("auth_config", oauth2).map(AuthRule.oauth2) ?? .none
        case .oauth1:
            unused(&reader, kind, "api_key")
            return reader.object("auth_config", oauth1).map(AuthRule.oauth1) ?? .none
        case .jwtBearer:
            unused(&reader, kind, "api_key")
            return reader.object("auth_config", jwtBearer).map(AuthRule.jwtBearer) ?? .none
        case .certificate:
            unused(&reader, kind, "api_key")
            return reader.object("auth_config", certificate).map(AuthRule.certificate) ?? .none
        case .none, .bearer, .basic, .apiKey, .session: return .none
        }
    }

    private enum Algorithm: String, CaseIterable {
        case sha256, sha384, sha512
    }

    private enum Signed: String, CaseIterable {
        case time, request
    }

    private func hmac(_ reader: inout ConfigReader) -> AuthRule {
        let key = reader.requiredSecret("api_key", resolver)
        let rule = reader.object("auth_config") { config -> HMACRule? in
            let secret = config.requiredSecret("secret", resolver)
            let algorithm = config.optionalChoice("algorithm", default: Algorithm.sha256)
            let signs = config.optionalChoice("signs", default: Signed.time)
            guard let key, let secret else { return nil }
            return HMACRule(
                key: key,
                secret: secret,
                algorithm: algorithm.rawValue,
                signsRequest: signs == .request
            )
        }
        return rule.map(AuthRule.hmac) ?? .none
    }

    private enum Grant: String, CaseIterable {
        case clientCredentials = "client_credentials"
        case refreshToken = "refresh_token"
    }

    private enum SecretPlace: String, CaseIterable {
        case header, form
    }

    private func oauth2(_ config: inout ConfigReader) -> OAuth2Rule? {
        let clientID = config.string("client_id")
        let secret = config.requiredSecret("client_secret", resolver)
        let url = tokenURL(&config)
        let scope = config.optionalString("scope")
        let grant = config.optionalChoice("grant_type", default: Grant.clientCredentials)
        let place = config.optionalChoice("client_secret_in", default: SecretPlace.header)
        let refreshToken: Secret?
        switch grant {
        case .clientCredentials: refreshToken = nil
        case .refreshToken:
            refreshToken = config.requiredSecret("refresh_token", resolver)
            if refreshToken == nil { return nil }
        }
        guard let clientID, let secret, let url else { return nil }
        return OAuth2Rule(
            clientID: clientID,
            clientSecret: secret,
            tokenURL: url,
            scope: scope,
            refreshToken: refreshToken,
            secretInForm: place == .form
        )
    }

    private func oauth1(_ config: inout ConfigReader) -> OAuth1Rule? {
        let consumerKey = config.string("consumer_key")
        let consumerSecret = config.requiredSecret("consumer_secret", resolver)
        let token = config.string("token")
        let tokenSecret = config.requiredSecret("token_secret", resolver)
        let realm = config.optionalString("realm")
        guard let consumerKey, let consumerSecret, let token, let tokenSecret else { return nil }
        return OAuth1Rule(
            consumerKey: consumerKey,
            consumerSecret: consumerSecret,
            token: token,
            tokenSecret: tokenSecret,
            realm: realm
        )
    }

    private enum JWTName: String, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    private func jwtBearer(_ config: inout ConfigReader) -> JWTBearerRule? {
        let key = config.requiredSecret("private_key", resolver, .text)
        let passphrase = config.secret("passphrase", resolver)
        let keyID = config.optionalString("key_id")
        let algorithm = config.optionalChoice("algorithm", default: JWTName.rs256)
        SecretPlaces.warn(config.optional("claims"))
        let claims = config.optional("claims")?.json() ?? .object([])
        if claims.members == nil { config.error("claims", "is not an object", "write claims: { iss: …, aud: … }") }
        let url = tokenURL(&config)
        guard let key, let url else { return nil }
        return JWTBearerRule(
            privateKey: key,
            passphrase: passphrase,
            keyID: keyID,
            algorithm: algorithm.rawValue,
            claims: claims,
            tokenURL: url
        )
    }

    private func certificate(_ config: inout ConfigReader) -> TLSFiles? {
        let certificate = config.string("cert_path")
        let key = config.string("key_path")
        let passphrase = config.secret("passphrase", resolver)
        let authority = config.optionalString("ca_path")
        guard let certificate, let key else { return nil }
        return TLSFiles(
            certificate: certificate,
            key: key,
            keyPassphrase: passphrase,
            certificateAuthority: authority
        )
    }

    /// A token is worth as much as a password: it does not travel unencrypted, but for this machine.
    private func tokenURL(_ config: inout ConfigReader) -> URLReference? {
        let expected = "an absolute https:// URL"
        guard let item = config.optional("token_url") else {
            config.error("token_url", "is missing", "write \(expected)")
            return nil
        }
        guard let text = item.parsed(expected, { $0 }) else { return nil }
        // Below the connector's own address: the same in each of its environments.
        let whole = text.first == "/" ? (base?.text(below: text) ?? text) : text
        guard let url = AddressText(settings: settings).url(item, whole) else { return nil }
        guard url.scheme == "https" || url.isLoopback else {
            item.error("is not \(expected)", "write \(expected)")
            return nil
        }
        return url
    }
}
