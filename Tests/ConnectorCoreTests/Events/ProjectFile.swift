import Glibc

/// Files that are installed beside the program and must agree with it.
enum ProjectFile {
    /// A file's text; empty where there is none.
    static func text(_ path: String, here: String = #filePath) -> String {
        let root = here.split(separator: "/").dropLast(4).joined(separator: "/")
        guard let file = unsafe fopen("/\(root)/\(path)", "re") else { return "" }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
