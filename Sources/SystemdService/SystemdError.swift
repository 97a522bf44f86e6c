import Glibc

/// A call to the system or to systemd that failed.
package struct SystemdError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was to be done: "notify systemd at /run/systemd/notify".
    package var operation: String
    /// An `errno`.
    package var code: Int32
    /// What the operator can do.
    package var hint: String

    package var description: String { "cannot \(operation): \(errorText(code)); \(hint)" }
}

/// The operating system's words for an `errno`.
func errorText(_ code: Int32) -> String {
    var words = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &words, words.count) == 0 else { return "error \(code)" }
    return String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
