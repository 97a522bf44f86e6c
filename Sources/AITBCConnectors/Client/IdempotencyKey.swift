import ConnectorCore

/// What a caller may give as an idempotency key.
enum IdempotencyKey {
    /// A blank one is a variable that nobody filled: two payments with it would be one, or each of them two.
    static func check(_ key: String?) throws(ValidationError) {
        guard let key, key.allSatisfy(\.isWhitespace) || key.holdsControlCharacter else { return }
        throw ValidationError(
            ErrorContext(
                "the idempotency key is blank, or holds a control character",
                code: "VALIDATION_ERROR",
                hint: "nothing was sent; give each piece of work a key of its own, or nil for a random one"
            )
        )
    }
}
