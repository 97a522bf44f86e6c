/// A text that must not be shown. Every way of printing gives `‹secret›`; only `reveal()` gives the text, so a search
/// for that word finds each place that uses one.
public struct Secret: Sendable, Equatable {
    /// What is printed instead.
    public static let mask = "‹secret›"

    private let text: String

    /// A value from its parts.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that sends or signs with it.
    public func reveal() -> String { text }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// As it is shown to people.
    public var description: String { Self.mask }
    /// As it is shown to people.
    public var debugDescription: String { Self.mask }
    /// Without children: `dump` and reflection see nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
