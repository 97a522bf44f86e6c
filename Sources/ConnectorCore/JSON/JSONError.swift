/// Why a text is not JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Of the byte that does not fit, from 0; the length of the text when it ends too early.
    public var offset: Int
    /// What is wrong there. Never quotes the text, which may hold a secret.
    public var problem: String

    /// A JSON error from its parts.
    public init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }

    /// As it is shown to people.
    public var description: String { "not JSON at byte \(offset): \(problem)" }
}
