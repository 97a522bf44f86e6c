/// A place in a text file, both numbers from 1.
///
/// Lines end with LF, CR or CRLF, as editors count them. A column is one character as a person sees it (a grapheme
/// cluster: an accented letter or an emoji is one); a tab is one column.
package struct SourceLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
