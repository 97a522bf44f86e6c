/// Numbers of things, for people.
package enum Counted {
    /// "1 event", "2 events".
    package static func text(_ count: some BinaryInteger, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
