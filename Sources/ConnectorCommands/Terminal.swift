import Glibc
import SystemdService

/// What a person sees.
enum Terminal {
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }
    /// Whether a person sees standard output.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard output is a terminal, and nobody asked for plain text (no-color.org).
    static var showsColours: Bool {
        isOutput && environmentVariable("NO_COLOR") == nil && environmentVariable("TERM") != "dumb"
    }

    /// A message on standard error.
    static func complain(_ text: String) {
        write(text + "\n")
    }

    /// Standard error, as it is.
    static func write(_ text: String) {
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

    /// Writes what standard output still holds; why that failed, nil where it did not.
    static func finish() -> String? {
        fflush(nil) == 0 ? nil : unsafe String(cString: strerror(errno))
    }

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

    /// Columns padded to their widest cell.
    static func table(_ rows: [[String]]) -> String {
        guard let first = rows.first else { return "" }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
