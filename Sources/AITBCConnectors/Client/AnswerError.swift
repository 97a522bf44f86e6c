import ConnectorCore

/// The server's own words in an answer that is an error: by the definition's rule where it is JSON, else its text.
struct AnswerError {
    let message: String?
    let code: String?
    /// What the answer tells besides: the object that holds the message, without secrets; null where it is no JSON.
    let details: JSONValue

    /// As much of a server's words as a log line bears.
    static let maximumCharacters = 300
    /// Errors are small; a page that is not is not parsed for its words.
    private static let maximumBytes = 256 << 10
    /// Of a text or an HTML page; its head is enough to find the words in.
    private static let maximumCharactersOfText = 4_096

    /// Secrets are taken out before anything is cut: half of one would not be recognised any more.
    init(_ response: HTTPResponse, _ rule: ErrorRule, _ secrets: ConnectorSecrets) {
        guard response.body.count <= Self.maximumBytes, let value = try? JSONValue(parsingAnswer: response.body) else {
            (message, code, details) = (Self.text(response, secrets), nil, .null)
            return
        }
        let found = rule.message.flatMap { FieldPath.value(at: $0, in: value) }
        message = Self.cut(secrets.redact(found.map { $0.string ?? $0.text } ?? value.text))
        details = Self.details(value, rule, secrets)
        let word = rule.code.flatMap { FieldPath.value(at: $0, in: value) }
        code = word.map { Self.cut(secrets.redact($0.string ?? $0.text)) }
    }

    private static func details(_ value: JSONValue, _ rule: ErrorRule, _ secrets: ConnectorSecrets) -> JSONValue {
        let holder = rule.message.flatMap { FieldPath.value(at: $0.dropLast(), in: value) } ?? value
        let shown = holder["details"] ?? holder
        let clean = secrets.redact(shown.text)
        // Where nothing was taken out, the value is as it came; where the mask broke it, there is nothing to show.
        return clean == shown.text ? shown : (try? JSONValue(parsing: clean)) ?? .null
    }

    /// Text or HTML: the tags are left out, the rest in one line.
    private static func text(_ response: HTTPResponse, _ secrets: ConnectorSecrets) -> String? {
        var words = ""
        var isTag = false
        let whole = secrets.redact(String(decoding: response.body.prefix(maximumBytes), as: UTF8.self))
        for character in whole.prefix(maximumCharactersOfText) {
            switch character {
            case "<": isTag = true
            case ">":
                isTag = false
                words += " "
            default: if !isTag { words.append(character.isWhitespace ? " " : character) }
            }
        }
        let line = words.split(separator: " ").joined(separator: " ")
        return line.isEmpty ? nil : cut(secrets.redact(line))
    }

    private static func cut(_ text: String) -> String {
        let printable = text.escapingControls()
        return printable.count > maximumCharacters ? String(printable.prefix(maximumCharacters)) + "…" : printable
    }
}

extension Redactor {
    /// Knows what a connector proves itself with.
    init(of auth: AuthRule) {
        self.init(auth.secrets)
        guard case .basic(let user, let password) = auth else { return }
        if password.isEmpty { add(Secret(user)) } else { add(user: user, password) }
    }
}

/// What the operator can do about a failure.
enum FailureHint {
    static func of(_ kind: FailureClass) -> String {
        switch kind {
        case .transient: "the server has a problem; the next sync tries again"
        case .throttled: "too many requests: lower rate_limit, or give other users of the account room"
        case .credentials: "check the credential, then reload or restart"
        case .forbidden:
            "the credential is known, and may not do this: give it the permission, then reload; the rest goes on"
        case .gone: "check base_url and the stream's path; the endpoint may have been removed"
        case .positionLost: "the list changed underneath; it is read again"
        case .badAnswer: "the answer is not what the definition expects; the cursor stays where it was"
        case .refused: "check the request's parameters in the definition"
        }
    }

    static func of(_ error: TransportError) -> String {
        switch error.code {
        case .nameNotResolved: "check the host in base_url and the machine's DNS"
        case .couldNotConnect, .connectTimeout: "check that the server runs and that firewalls let it through"
        case .tlsFailed: "check the server's certificate, or name its authority in tls.ca_path"
        case .idleTimeout, .totalTimeout: "the server is slow; raise timeout or total_timeout if that is normal"
        case .bodyTooLarge: "ask for smaller pages, or raise max_response_bytes"
        case .insecureRefused: "use https://, or set allow_insecure: true if the network is trusted"
        case .redirectRefused: "set base_url to where the server redirects, if you trust it"
        case .badURL: "correct base_url or the stream's path"
        case .badRequest: "correct the method or the header; nothing was sent"
        case .busy: "send fewer at a time"
        case .noRoom: "ask for smaller pages, or raise page_memory_bytes"
        case .connectionLost, .badContentEncoding, .cancelled, .other: "the next sync tries again"
        }
    }
}
