import ConnectorCore
import ConnectorCrypto

/// A signed assertion that the token server exchanges for a token (RFC 7523): the private key never travels.
struct JWTBearerAuth: AuthHandler {
    /// Servers allow an hour at most; a few minutes are enough to be exchanged.
    private static let assertionLife: Int64 = 300

    let source: TokenSource

    init(
        _ rule: JWTBearerRule,
        clocks: any Clocks,
        secrets: ConnectorSecrets,
        send: @escaping TokenRequest
    ) throws(ConfigurationError) {
        let key: SigningKey
        do throws(CryptoError) {
            key = try SigningKey(pem: rule.privateKey, passphrase: rule.passphrase)
        } catch {
            throw ConfigurationError(
                ErrorContext(
                    "auth_config.private_key can't be used: \(error)",
                    code: "CONFIGURATION_ERROR",
                    underlying: error,
                    hint: "give a private key in PEM, and its passphrase where it is encrypted"
                )
            )
        }
        let algorithm: JWTAlgorithm = rule.algorithm == "ES256" ? .es256 : .rs256
        source = TokenSource(clocks: clocks) { _ in
            let claims = Self.claims(rule, at: clocks.now.seconds)
            let assertion = try JSONWebToken.make(claims: claims, key: key, algorithm: algorithm, keyID: rule.keyID)
            secrets.learn(Secret(assertion))
            let fields = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)]
            let response = try await send(TokenEndpoint.request(rule.tokenURL, fields))
            return TokenEndpoint.fetched(
                try TokenEndpoint.answer(response, from: rule.tokenURL, at: clocks.now, secrets)
            )
        }
    }

    func authorize(_ request: inout TransportRequest) async throws {
        request.headers["Authorization"] = "Bearer " + (try await source.token()).reveal()
    }

    func rejected(_ request: TransportRequest) async -> Bool { await source.reject(request) }

    var secrets: [Secret] { get async { await source.secrets } }

    /// The configured claims, with issue and expiry unless they are given, and a fresh id.
    private static func claims(_ rule: JWTBearerRule, at now: Int64) -> JSONValue {
        let times: [JSONValue.Member] = [
            .init("iat", .number(String(now))), .init("exp", .number(String(now + assertionLife))),
            .init("jti", .string(RandomBytes.uuid())),
        ]
        let given = rule.claims.members ?? []
        return .object(given + times.filter { time in !given.contains { $0.name == time.name } })
    }
}
