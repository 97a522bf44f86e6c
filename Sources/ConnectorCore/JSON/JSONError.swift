/// Why a text is not JSON.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Of the byte that does not fit, from 0; the length of the text when it ends too early.
    package var offset: Int
    /// What is wrong there. Never quotes the text, which may hold a secret.
    package var problem: String

    package init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }

    package var description: String { "not JSON at byte \(offset): \(problem)" }
}
