import CCrypto

/// Why a key could not be read or used. Never holds a part of the key or of its passphrase.
package struct CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What failed, with OpenSSL's own words behind it where it has some.
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }

    /// What failed, with the words that OpenSSL left on this thread's queue; empties the queue.
    static func withWordsOfOpenSSL(_ message: String) -> CryptoError {
        var words: [String] = []
        while words.count < maximumWords, case let code = ERR_get_error(), code != 0 {
            guard let reason = unsafe ERR_reason_error_string(code) else { continue }
            let text = unsafe String(cString: reason)
            if !words.contains(text) { words.append(text) }
        }
        ERR_clear_error()
        return CryptoError(words.isEmpty ? message : "\(message): OpenSSL says: \(words.joined(separator: ", "))")
    }

    /// The queue is a ring of 16; the first few tell the cause.
    private static let maximumWords = 4
}
