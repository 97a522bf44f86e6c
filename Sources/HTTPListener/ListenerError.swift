/// Why the listener could not start.
package struct ListenerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case addressInvalid
        case addressInUse
        case permissionDenied
        case systemCall
        case libraryRefused
    }

    package var code: Code
    /// What failed, on which address, and what to do about it.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
