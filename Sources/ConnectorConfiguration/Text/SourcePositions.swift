/// Turns offsets into lines and columns. Quick when asked in ascending order, as a parser does: each character of a
/// long line is then counted once.
struct SourcePositions {
    private let file: String
    private let scalars: [Unicode.Scalar]
    private let lineStarts: [Int]
    /// The last answer, from which a later one on the same line goes on.
    private var mark: (line: Int, offset: Int, column: Int)

    init(file: String, scalars: [Unicode.Scalar]) {
        self.file = file
        self.scalars = scalars
        // A byte order mark is invisible in an editor.
        let first = scalars.first == "\u{FEFF}" ? 1 : 0
        mark = (0, first, 1)
        var starts = [first]
        for offset in scalars.indices where Self.endsLine(scalars, offset) {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    mutating func location(of offset: Int) -> SourceLocation {
        let line = line(of: offset)
        if line != mark.line || offset < mark.offset { mark = (line, lineStarts[line], 1) }
        mark.column += characters(from: mark.offset, to: offset)
        mark.offset = max(offset, mark.offset)
        return SourceLocation(file: file, line: line + 1, column: mark.column)
    }

    /// The index of the last line that starts at or before the offset.
    private func line(of offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private func characters(from start: Int, to end: Int) -> Int {
        guard start < end else { return 0 }
        let slice = scalars[start..<end]
        guard !slice.allSatisfy(\.isASCII) else { return slice.count }
        return String(String.UnicodeScalarView(slice)).count
    }

    private static func endsLine(_ scalars: [Unicode.Scalar], _ offset: Int) -> Bool {
        if scalars[offset] == "\n" { return true }
        let isBeforeLineFeed = offset + 1 < scalars.count && scalars[offset + 1] == "\n"
        return scalars[offset] == "\r" && !isBeforeLineFeed
    }
}
