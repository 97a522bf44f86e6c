/// A text that must not be shown. Every way of printing gives `‹secret›`; only `reveal()` gives the text, so a search
/// for that word finds each place that uses one.
public struct Secret: Sendable {
    /// What is printed instead.
    public static let mask = "‹secret›"

    private let text: String
    /// Where it was read from; nil where it was given as it is.
    public let reference: SecretReference?

    /// A secret that somebody else has read.
    public init(_ text: String) {
        self.init(text, from: nil)
    }

    package init(_ text: String, from reference: SecretReference?) {
        (self.text, self.reference) = (text, reference)
    }

    /// The text itself, for the one place that sends or signs with it.
    public func reveal() -> String { text }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { text.isEmpty }
}

/// The same text is the same secret, wherever it was read.
extension Secret: Equatable {
    /// Not in constant time: for configurations, not for proofs.
    public static func == (left: Secret, right: Secret) -> Bool { left.text == right.text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// As it is shown to people.
    public var description: String { Self.mask }
    /// As it is shown to people.
    public var debugDescription: String { Self.mask }
    /// Without children: `dump` and reflection see nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
