package import ConnectorCore

/// The header that a session login yields, fetched once however many requests wait for it.
package actor SessionTokens {
    private let rule: SessionRule
    private let connector: ConnectorDefinition
    private let secrets: ConnectorSecrets
    private let clocks: any Clocks
    private let send: @Sendable (TransportRequest) async throws(SyncFailure) -> TransportResponse
    private var login: Task<Result<Session, SyncFailure>, Never>?
    /// Of the last login.
    private(set) var known: [NamedSecret] = []
    /// Of the one before.
    private(set) var former: [NamedSecret] = []

    private struct Session: Sendable {
        var header: TransportHeaders.Field
        var tokens: [NamedSecret]
    }

    package init(
        _ rule: SessionRule,
        connector: ConnectorDefinition,
        secrets: ConnectorSecrets,
        clocks: any Clocks,
        send: @escaping @Sendable (TransportRequest) async throws(SyncFailure) -> TransportResponse
    ) {
        self.rule = rule
        self.connector = connector
        self.secrets = secrets
        self.clocks = clocks
        self.send = send
    }

    /// The header of the present session; logs in where there is none.
    package func header() async throws(SyncFailure) -> TransportHeaders.Field {
        let task = login ?? start()
        guard case .success(let result) = await task.resultUnlessCancelled else {
            throw SyncFailure.stopped
        }
        if case .failure = result, login == task { login = nil }
        let session = try result.get()
        if known != session.tokens { (former, known) = (known, session.tokens) }
        return session.header
    }

    /// The server no longer takes the session that this request bore.
    package func invalidate(in request: TransportRequest) async {
        guard let task = login, case .success(let session) = await task.value,
            request.headers[session.header.name] == session.header.value, login == task
        else { return }
        login = nil
    }

    /// Forgets the present session, whichever it is; starts no other.
    package func invalidate() {
        login = nil
    }

    private func start() -> Task<Result<Session, SyncFailure>, Never> {
        let task = Task { () async -> Result<Session, SyncFailure> in
            do throws(SyncFailure) {
                return .success(try await logIn())
            } catch {
                return .failure(error)
            }
        }
        login = task
        return task
    }

    private func logIn() async throws(SyncFailure) -> Session {
        var variables = connector.variables
        variables["username"] = .string(rule.user)
        variables["password"] = .string(rule.password.reveal())
        let path = rule.path.fill(variables, encode: \.percentEncoded) ?? ""
        let request = TransportRequest(
            method: "POST",
            url: connector.baseURL.text(below: path),
            headers: ["Accept": "application/json", "Content-Type": "application/json"],
            body: rule.body.fill(variables)?.bytes,
            limits: connector.limits,
            allowInsecure: connector.allowInsecure,
            tls: connector.tls
        )
        let response = try await send(request)
        return try session(from: response, to: APISession.shown(request), variables)
    }

    private func session(
        from response: TransportResponse,
        to login: String,
        _ variables: TemplateVariables
    ) throws(SyncFailure) -> Session {
        let hint = "check username, password and the definition's auth_config.login"
        if let kind = FailureClass(response, now: clocks.now) {
            let message = "the login \(login) was answered with status \(response.status)"
            // Whoever may not log in has no credential for anything.
            throw refused(response, kind == .forbidden ? .credentials : kind, message, hint)
        }
        let answer: JSONValue
        do throws(JSONError) {
            answer = try JSONValue(parsingAnswer: response.body)
        } catch {
            throw SyncFailure(.badAnswer, "the answer to the login \(login) is \(error)", hint: hint)
        }
        var variables = variables
        var tokens: [NamedSecret] = []
        for (name, path) in rule.returns.sorted(by: { $0.key < $1.key }) {
            guard let value = FieldPath.value(at: path, in: answer), !value.isNull else {
                let missing = path.joined(separator: ".")
                throw refused(response, .credentials, "the answer to the login \(login) has no \(missing)", hint)
            }
            variables[name] = .json(value)
            if let token = value.string {
                tokens.append(NamedSecret("session.\(name)", Secret(token)))
                // At once: the failure of the next one may quote it.
                secrets.learn(Secret(token))
            }
        }
        if let base64 = rule.base64?.fill(variables) {
            let encoded = Base64Text.text(Array(base64.utf8))
            tokens.append(NamedSecret("session.base64", Secret(encoded)))
            secrets.learn(Secret(encoded))
            variables["base64"] = .string(encoded)
        }
        let header = TransportHeaders.Field(name: rule.header, value: rule.value.fill(variables) ?? "")
        return Session(header: header, tokens: tokens)
    }

    /// With the server's own words, and its code where that says more than the status.
    private func refused(_ response: TransportResponse, _ kind: FailureClass, _ what: String, _ hint: String)
        -> SyncFailure
    {
        let answer = AnswerError(response, connector.errors, secrets)
        let words = answer.message.map { ": \($0)" } ?? ""
        return SyncFailure(
            answer.kind ?? kind,
            what + words,
            hint: hint,
            status: response.status,
            retryAfter: ServerQuota(status: response.status, headers: response.headers, now: clocks.now).retryAfter
        )
    }
}
