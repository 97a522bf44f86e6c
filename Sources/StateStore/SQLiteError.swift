import CSQLite

/// What a call into SQLite reported, before it is put into words for the operator (`StateError`).
struct SQLiteError: Error, Equatable {
    /// The extended result code: the low byte is the primary code.
    var code: Int32
    /// SQLite's own words.
    var message: String
    /// The call or statement that failed.
    var operation: String

    static let cannotOpen = SQLITE_CANTOPEN

    var primaryCode: Int32 { code & 0xFF }

    static func damaged(_ message: String, during operation: String) -> SQLiteError {
        SQLiteError(code: SQLITE_CORRUPT, message: message, operation: operation)
    }
}
