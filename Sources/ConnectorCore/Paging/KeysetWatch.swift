/// Follows the values behind which the pages of a list go on: where they always rise, or always fall, the list is sorted
/// by them, and a record that appears, vanishes or changes shifts no other one.
package struct KeysetWatch: Sendable, Equatable {
    private var rises = 0
    private var falls = 0

    package init() {}

    /// JSON text of the values at the ends of two pages that follow each other.
    package mutating func note(_ before: String, _ after: String) {
        if Self.isLess(before, after) { rises += 1 }
        if Self.isLess(after, before) { falls += 1 }
    }

    /// Whether so many pages lie one behind the other, and none against it.
    package func isSorted(by steps: Int) -> Bool { max(rises, falls) >= steps && min(rises, falls) == 0 }

    /// Numbers by their value, texts as most servers sort them.
    private static func isLess(_ left: String, _ right: String) -> Bool {
        if let one = Int64(left), let other = Int64(right) { return one < other }
        return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
