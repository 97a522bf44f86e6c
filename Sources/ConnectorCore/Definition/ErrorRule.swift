/// How an API says that something went wrong: which part of the answer bears the message, and which codes mean more
/// than their HTTP status. Data of a definition.
package struct ErrorRule: Sendable, Equatable {
    /// A member whose presence makes an answer an error even with status 200 (JSON-RPC's `error`).
    package var present: [String]?
    package var message: [String]?
    package var code: [String]?
    /// Codes that mean that the page position is no longer known.
    package var positionLost: [String]
    /// Codes that mean that the credentials are not, or no longer, good.
    package var credentials: [String]
    /// Codes that mean that there were too many requests, whatever the status.
    package var throttled: [String]
    /// Codes that are worth another try, whatever the status.
    package var transient: [String]

    package init(
        present: [String]? = nil,
        message: [String]? = nil,
        code: [String]? = nil,
        positionLost: [String] = [],
        credentials: [String] = [],
        throttled: [String] = [],
        transient: [String] = []
    ) {
        self.present = present
        self.message = message
        self.code = code
        self.positionLost = positionLost
        self.credentials = credentials
        self.throttled = throttled
        self.transient = transient
    }

    private static let none = ["null", "false", "\"\"", "[]", "{}"].map { Array($0.utf8) }

    /// Whether the compact JSON in an error's place says that there is none.
    package static func isNone(_ json: some Sequence<UInt8>) -> Bool {
        none.contains { json.elementsEqual($0) }
    }

    /// What the answer's own error code means; nil where it has none, or an ordinary one.
    package func kind(ofCode code: String?) -> FailureClass? {
        guard let code else { return nil }
        if positionLost.contains(code) { return .positionLost }
        if credentials.contains(code) { return .credentials }
        if throttled.contains(code) { return .throttled }
        if transient.contains(code) { return .transient }
        return nil
    }
}
