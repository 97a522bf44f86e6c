import ConnectorCore

/// What is refused before anything is sent.
enum RequestRules {
    /// Words that would let a value of a record become a second header, or a second request.
    static func check(_ request: TransportRequest) throws(TransportError) {
        guard !request.method.isEmpty, isToken(request.method) else {
            throw refusal(.badRequest, "the method is not an HTTP word")
        }
        for index in request.headers.fields.indices { try check(request.headers.fields[index]) }
    }

    private static func check(_ field: borrowing TransportHeaders.Field) throws(TransportError) {
        guard !field.name.isEmpty, isToken(field.name) else {
            throw refusal(.badRequest, "a header name is not an HTTP word")
        }
        guard !breaksLine(field.value) else {
            throw refusal(.badRequest, "the value of header \(field.name) contains a line break")
        }
        // A second length would let two readers disagree on where the request ends.
        guard !field.name.equalsIgnoringASCIICase("content-length"),
            !field.name.equalsIgnoringASCIICase("transfer-encoding")
        else { throw refusal(.badRequest, "header \(field.name) is set by the engine; leave it out") }
    }

    /// Plain HTTP carries credentials in the open.
    static func checkScheme(_ target: RequestTarget, allowInsecure: Bool) throws(TransportError) {
        guard target.scheme == "https" || target.isLoopback || allowInsecure else {
            throw refusal(
                .insecureRefused,
                "\(target.origin) is not encrypted; use https, or set allow_insecure if the network is trusted"
            )
        }
    }

    private static func refusal(_ code: TransportError.Code, _ message: String) -> TransportError {
        TransportError(code, message, mayHaveBeenSent: false)
    }

    private static func isToken(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices where !isToken(bytes[index]) { return false }
        return true
    }

    private static func breaksLine(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            switch bytes[index] {
            case 0x0D, 0x0A, 0: return true
            default: continue
            }
        }
        return false
    }

    /// RFC 9110 § 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        // Digits and letters with ^ _ ` between them, then the other signs: ! # $ % & ' * + - . | ~
        case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C, 0x7E: true
        default: false
        }
    }
}
