/// A text that must not be shown. Every way of printing gives `‹secret›`; only `reveal()` gives the text, so a search
/// for that word finds each place that uses one.
package struct Secret: Sendable, Equatable {
    /// What is printed instead.
    package static let mask = "‹secret›"

    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that sends or signs with it.
    package func reveal() -> String { text }

    package var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    /// Without children: `dump` and reflection see nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
