/// Which sink a stream's position, memory and cursor belong to: its kind and its destination (`file:data`,
/// `http:https://warehouse.example/records`). Another destination is another sink, with everything still to come; one
/// that is chosen again goes on where it was.
package struct SinkIdentity: Hashable, Sendable, CustomStringConvertible {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    /// Of rows from before sinks were told apart: the first sink that opens them adopts them.
    package static let unknown = SinkIdentity("")

    package var description: String { text }
}
