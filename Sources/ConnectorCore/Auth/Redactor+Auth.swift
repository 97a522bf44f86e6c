extension Redactor {
    /// Learns what proves who a connector is, as it is and as it travels.
    package mutating func add(_ auth: AuthRule) {
        for secret in auth.secrets { add(secret) }
        switch auth {
        case .none, .bearer, .apiKey, .hmac, .oauth1, .jwtBearer, .certificate: break
        case .oauth2(let rule): add(user: rule.clientID, rule.clientSecret)
        case .csrf(_, let rule): add(rule)
        case .basic(let user, let password):
            add(user: user, password)
            // Some processors take the key as the user's name.
            if password.isEmpty { add(Secret(user)) }
        case .session(let rule): add(user: rule.user, rule.password)
        }
    }
}
