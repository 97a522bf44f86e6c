/// Cuts white space out of a page while it is scanned, by moving what follows towards the front.
///
/// Nothing is moved before the first white space between two tokens, so a compact page is left alone. After it, bytes
/// move in runs: a run ends at the next white space, and only then it is moved.
struct Compaction {
    /// White space cut so far, in bytes.
    private(set) var gap = 0
    /// Where the bytes begin that have yet to be moved.
    private(set) var runStart = 0

    mutating func start(at position: Int) {
        runStart = position
    }

    /// Cuts the white space at `position`, if there is any. Returns the position behind it.
    @inline(never)
    mutating func skipSpace(_ bytes: PageBytes, at position: Int) -> Int {
        let end = Self.endOfSpace(bytes, from: position)
        guard end > position else { return position }
        flush(bytes, upTo: position)
        gap += end - position
        runStart = end
        return end
    }

    /// Moves the run that ends at `position`.
    @inline(__always)
    mutating func flush(_ bytes: PageBytes, upTo position: Int) {
        if gap > 0 { bytes.moveDown(from: runStart, to: position, by: gap) }
        runStart = position
    }

    @inline(__always)
    private static func endOfSpace(_ bytes: PageBytes, from start: Int) -> Int {
        var position = start
        while true {
            let word = bytes.word(position)
            let byte = UInt8(truncatingIfNeeded: word)
            guard PageScanner.isSpace(byte) else { return position }
            // Indentation is blanks: count those behind the first white space character, seven at most.
            let blanks = ((word >> 8) ^ 0x20_2020_2020_2020).trailingZeroBitCount >> 3
            position += 1 + Swift.min(blanks, 7)
        }
    }
}
