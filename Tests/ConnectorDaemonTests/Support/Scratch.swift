import Glibc

/// A directory below /tmp that goes with its last holder.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/connectord-daemon-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/tmp/connectord-daemon"
    }

    deinit {
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        for name in names(in: path) where unlink(path: "\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }

    private static func unlink(path: String) -> Int32 { unsafe Glibc.unlink(path) }

    static func names(in path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func names(in folder: String) -> [String] { Self.names(in: "\(path)/\(folder)") }

    /// Nil when there is no such file.
    func read(_ name: String) -> String? {
        guard let file = unsafe fopen("\(path)/\(name)", "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    func write(_ text: String, to name: String, mode: String = "we") {
        guard let file = unsafe fopen("\(path)/\(name)", mode) else { return }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    func remove(_ name: String) { _ = unsafe Glibc.unlink("\(path)/\(name)") }

    func link(_ target: String, at name: String) { _ = unsafe symlink(target, "\(path)/\(name)") }
}

enum ProcessID {
    static var own: Int32 { getpid() }
}
