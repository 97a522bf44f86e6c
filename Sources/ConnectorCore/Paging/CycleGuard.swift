/// Notices a server that begins its list again: a page whose keys were all seen on one remembered page.
///
/// Remembers the first page, the page before, and one more that is replaced at page 2, 4, 8, … (Brent's way), so a
/// cycle of any length is found, with the memory of three pages.
package struct CycleGuard: Sendable {
    private var first: [Hash128] = []
    /// The page before.
    package private(set) var previous: [Hash128] = []
    private var milestone: [Hash128] = []
    private var pages = 0
    private var nextMilestone = 2

    package init() {}

    /// Whether every key of a page that is not empty is on a remembered page.
    package func knows(_ keys: [Hash128]) -> Bool {
        guard let one = keys.first else { return false }
        // Looking for one key is quick, and nearly always enough to know.
        return [first, previous, milestone].contains { $0.contains(one) && Set($0).isSuperset(of: keys) }
    }

    /// Remembers a page.
    package mutating func note(_ keys: [Hash128]) {
        guard !keys.isEmpty else { return }
        pages += 1
        previous = keys
        if pages == 1 { first = keys }
        if pages == nextMilestone {
            milestone = keys
            nextMilestone *= 2
        }
    }
}
