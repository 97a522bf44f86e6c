import ConnectorCore

/// The server's own words in an answer that is an error: by the definition's rule where it is JSON, else its text.
struct AnswerError {
    let message: String?
    let code: String?
    /// What the words mean; nil where they say no more than the status.
    let kind: FailureClass?
    /// What the answer tells besides: the object that holds the message, without secrets; null where it is no JSON.
    let details: JSONValue

    /// As much of a server's words as a log line bears.
    static let maximumCharacters = 300
    /// Errors are small; a page that is not is not parsed for its words.
    private static let maximumBytes = 256 << 10
    /// Of a text or an HTML page; its head is enough to find the words in.
    private static let maximumCharactersOfText = 4_096

    /// Secrets are taken out before anything is cut: half of one would not be recognised any more.
    init(_ response: TransportResponse, _ rule: ErrorRule, _ secrets: ConnectorSecrets) {
        guard response.body.count <= Self.maximumBytes, let value = try? JSONValue(parsingAnswer: response.body) else {
            let words = Self.text(response, secrets)
            (message, code, details) = (words, nil, .null)
            kind = rule.kind(of: .init(message: words, status: response.status))
            return
        }
        let found = FieldPath.first(of: rule.message, in: value)?.value
        let words = Self.cut(secrets.redact(found.map { $0.string ?? $0.text } ?? value.text))
        let word = FieldPath.first(of: rule.code, in: value)?.value
        let name = word.map { Self.cut(secrets.redact($0.string ?? $0.text)) }
        (message, code) = (words, name)
        details = Self.details(value, rule, secrets)
        kind = rule.kind(of: .init(code: name, message: words, status: response.status))
    }

    private static func details(_ value: JSONValue, _ rule: ErrorRule, _ secrets: ConnectorSecrets) -> JSONValue {
        let path = FieldPath.first(of: rule.message, in: value)?.path
        let holder = path.flatMap { FieldPath.value(at: $0.dropLast(), in: value) } ?? value
        let shown = holder["details"] ?? holder
        let clean = secrets.redact(shown.text)
        // Where nothing was taken out, the value is as it came; where the mask broke it, there is nothing to show.
        return clean == shown.text ? shown : (try? JSONValue(parsing: clean)) ?? .null
    }

    /// Text or HTML: the tags are left out, the rest in one line.
    private static func text(_ response: TransportResponse, _ secrets: ConnectorSecrets) -> String? {
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
