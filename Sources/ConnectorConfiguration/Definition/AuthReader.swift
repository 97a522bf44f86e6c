package import ConnectorCore

/// Reads `auth_type`, `api_key` and `auth_config`.
package struct AuthReader {
    let resolver: any ConfigResolver
    /// What a token server's address may hold, and what it may be below; nil where there is none.
    let settings: [String: TemplateVariables.Value]
    let base: URLReference?

    package init(
        resolver: any ConfigResolver,
        settings: [String: TemplateVariables.Value] = [:],
        base: URLReference? = nil
    ) {
        (self.resolver, self.settings, self.base) = (resolver, settings, base)
    }

    enum Kind: String, CaseIterable {
        case none
        case bearer
        case basic
        case apiKey = "api_key"
        case session
        case hmac
        case oauth2
        case oauth1
        case jwtBearer = "jwt_bearer"
        case certificate
    }

    package func read(_ reader: inout ConfigReader) -> AuthRule {
        let csrf = reader.optionalObject("csrf") { csrf in
            if !csrf.contains("path") {
                csrf.error("path", "is missing", "write the path below base_url that answers X-CSRF-Token: Fetch")
            }
            return csrf.template("path", known: [])
        }
        let rule = proof(&reader)
        return csrf.map { .csrf(path: $0, rule) } ?? rule
    }

    private func proof(_ reader: inout ConfigReader) -> AuthRule {
        let kind = reader.optionalChoice("auth_type", default: Kind.bearer)
        switch kind {
        case .none:
            unused(&reader, kind, "api_key", "auth_config")
            return .none
        case .bearer:
            unused(&reader, kind, "auth_config")
            return reader.requiredSecret("api_key", resolver).map(AuthRule.bearer) ?? .none
        case .apiKey:
            let header = reader.optionalObject("auth_config") { $0.optionalString("header_name") } ?? "X-API-Key"
            return reader.requiredSecret("api_key", resolver).map { .apiKey(header: header, $0) } ?? .none
        case .basic: return basic(&reader)
        case .session:
            unused(&reader, kind, "api_key")
            return reader.object("auth_config", session).map(AuthRule.session) ?? .none
        case .hmac, .oauth2, .oauth1, .jwtBearer, .certificate: return signed(kind, &reader)
        }
    }

    /// What another proof needs: whoever wrote it may have meant that one.
    func unused(_ reader: inout ConfigReader, _ kind: Kind, _ keys: String...) {
        for key in keys {
            guard let item = reader.optional(key) else { continue }
            let name = DiagnosticText.quoted(kind.rawValue)
            let given = reader.contains("auth_type") ? "" : ", which counts where none is given"
            item.warning(
                "is not looked at with auth_type \(name)\(given)",
                "write the auth_type that needs it, or remove it"
            )
        }
    }

    /// User and password, or the key as user name with an empty password, as some processors want it.
    private func basic(_ reader: inout ConfigReader) -> AuthRule {
        if reader.contains("auth_config") {
            unused(&reader, .basic, "api_key")
            return reader.object("auth_config") { config in
                guard let user = config.string("username"), let password = config.requiredSecret("password", resolver)
                else { return nil }
                return AuthRule.basic(user: user, password: password)
            } ?? .none
        }
        return reader.requiredSecret("api_key", resolver).map { .basic(user: $0.reveal(), password: Secret("")) }
            ?? .none
    }

    private func session(_ reader: inout ConfigReader) -> SessionRule? {
        let user = reader.string("username")
        let password = reader.requiredSecret("password", resolver)
        let login = reader.object("login") { login in
            let returns = login.optional("returns")?.entries { _, path in FieldPath.parse(path) } ?? []
            let names = ["username", "password", "base64"] + returns.map(\.name)
            for key in ["path", "body", "value"] where !login.contains(key) {
                login.error(key, "is missing", "see the definition of an ERP with a session login")
            }
            let path = login.template("path", known: ["username"])
            let body = login.jsonTemplate("body", known: ["username", "password"])
            SecretPlaces.warn(login.optional("body"))
            let header = login.optionalString("header", default: "Authorization")
            let base64 = login.template("base64", known: names)
            let value = login.template("value", known: names)
            guard let path, let body, let value else { return nil as SessionRule? }
            return SessionRule(
                user: user ?? "",
                password: password ?? Secret(""),
                path: path,
                body: body,
                returns: Dictionary(returns.map { ($0.name, $0.value) }) { _, last in last },
                header: header,
                base64: base64,
                value: value
            )
        }
        return user == nil || password == nil ? nil : login
    }
}

/// Which members of `auth_config` are secrets.
package enum AuthConfigSecrets {
    package static let names: Set<String> = [
        "password", "secret", "client_secret", "refresh_token", "consumer_secret", "token_secret", "private_key",
        "passphrase",
    ]
}
