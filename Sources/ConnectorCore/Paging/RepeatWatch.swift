/// Notices a reading that has no end: a server that deals its records out anew for each page, so that no page is like
/// one that came before and none brings anything.
///
/// Follows a sample of the records, chosen by their hashes and never larger than a bound, whatever the list's length.
package struct RepeatWatch: Sendable {
    private var sample: Set<Hash128> = []
    /// Records belong to the sample whose hash has none of these bits.
    private var mask: UInt64 = 0
    /// Records of the sample in a row that had come before.
    private var repeats = 0

    private static let mostSampled = 4_096
    /// Besides twice the sample: what moves while a list is read comes again a few times, and some lists show each
    /// record several times, among news.
    private static let patience = 200

    package init() {}

    package mutating func note(_ marks: [Hash128]) {
        for mark in marks where mark.low & mask == 0 {
            repeats = sample.insert(mark).inserted ? 0 : repeats + 1
        }
        guard sample.count > Self.mostSampled else { return }
        mask = mask << 1 | 1
        let mask = mask
        sample = sample.filter { $0.low & mask == 0 }
    }

    package var isEndless: Bool { repeats > 2 * sample.count + Self.patience }
}
