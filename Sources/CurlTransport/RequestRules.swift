import ConnectorCore

/// What is refused before anything is sent.
enum RequestRules {
    /// Words that would let a value of a record become a second header, or a second request.
    static func check(_ request: TransportRequest) throws(TransportError) {
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isToken) else {
            throw refusal(.badRequest, "the method is not an HTTP word")
        }
        for field in request.headers.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isToken) else {
                throw refusal(.badRequest, "a header name is not an HTTP word")
            }
            guard !field.value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
                throw refusal(.badRequest, "the value of header \(field.name) contains a line break")
            }
            guard !framing.contains(where: field.name.equalsIgnoringASCIICase) else {
                throw refusal(.badRequest, "header \(field.name) is set by the engine; leave it out")
            }
        }
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

    /// A second length would let two readers disagree on where the request ends.
    private static let framing = ["content-length", "transfer-encoding"]

    private static func refusal(_ code: TransportError.Code, _ message: String) -> TransportError {
        TransportError(code, message, mayHaveBeenSent: false)
    }

    /// RFC 9110 § 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
