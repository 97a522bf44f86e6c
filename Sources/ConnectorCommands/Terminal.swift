import ConnectorCore
import FileSystem
import Glibc
import SystemdService

/// What a person sees, and programs read: the only place of the commands that writes to standard output and error.
///
/// It takes lines, not text: whatever a server, a sender or a file's name put into one stays on that line and can't move
/// the cursor, colour what follows or turn its direction.
enum Terminal {
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }
    /// Whether a person sees standard output.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard output is a terminal, and nobody asked for plain text (no-color.org).
    static var showsColours: Bool {
        isOutput && environmentVariable("NO_COLOR") == nil && environmentVariable("TERM") != "dumb"
    }

    // MARK: Standard output

    /// An answer, on standard output.
    static func say(_ line: String) {
        say([TerminalLine(line)])
    }

    static func say(_ lines: [String]) {
        say(lines.map { TerminalLine($0) })
    }

    static func say(_ lines: [TerminalLine]) {
        for line in lines { print(line.text) }
    }

    /// One JSON text on one line, for programs.
    static func say(_ value: JSONValue) {
        sayJSON(value.text)
    }

    /// The same of a JSON text that is at hand.
    static func sayJSON(_ text: String) {
        print(text.escapingControlsInJSON())
    }

    /// Empties the screen.
    static func clear() {
        print("\u{1B}[H\u{1B}[2J", terminator: "")
    }

    /// Writes what standard output still holds; why that failed, nil where it did not.
    @discardableResult
    static func finish() -> String? {
        fflush(nil) == 0 ? nil : unsafe String(cString: strerror(errno))
    }

    // MARK: Standard error

    /// A message on standard error.
    static func complain(_ line: String) {
        write(TerminalLine(line).text + "\n")
    }

    static func complain(_ lines: [String]) {
        lines.forEach(complain)
    }

    /// A line on standard error in place of the last one; nil takes that away.
    static func progress(_ line: String?) {
        write("\r\u{1B}[K" + TerminalLine(line ?? "").text)
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    STDERR_FILENO,
                    buffer.baseAddress.map { unsafe $0 + written },
                    buffer.count - written
                )
            }
            // Nobody reads standard error: there is no one left to tell.
            guard count > 0 else { return }
            written += count
        }
    }

    // MARK: Standard input

    /// Everything on standard input; nil when that is more than `most` bytes.
    static func standardInput(most: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= most {
            let capacity = chunk.count
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, capacity) }
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
        return nil
    }
}

/// A line as a terminal may get it.
struct TerminalLine: Equatable {
    enum Style: String {
        case bold = "1"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    let text: String

    init(_ line: String, _ style: Style? = nil) {
        let safe = line.escapingControls()
        text = style.map { "\u{1B}[\($0.rawValue)m\(safe)\u{1B}[0m" } ?? safe
    }

    /// Rows of cells, padded to the widest of their column.
    static func table(_ rows: [[String]]) -> [String] {
        guard let first = rows.first else { return [] }
        let rows = rows.map { $0.map { $0.escapingControls() } }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ")
        }
    }
}
