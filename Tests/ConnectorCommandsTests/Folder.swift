import Glibc

/// A configuration directory below /tmp that goes with its last holder.
final class Folder: Sendable {
    let path: String

    /// With these files, by path inside it; folders are made for them.
    init(_ files: [String: String]) {
        var template = Array("/tmp/connectord-commands-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/tmp/connectord-commands"
        for (name, text) in files.sorted(by: { $0.key < $1.key }) { write(text, to: name) }
    }

    deinit {
        Self.remove(path)
    }

    private func write(_ text: String, to name: String) {
        var folder = path
        for step in name.split(separator: "/").dropLast() {
            folder += "/\(step)"
            _ = unsafe mkdir(folder, 0o700)
        }
        guard let file = unsafe fopen("\(path)/\(name)", "we") else { return }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    private static func remove(_ path: String) {
        guard unsafe unlink(path) != 0 else { return }
        if let directory = unsafe opendir(path) {
            while let entry = unsafe readdir(directory) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            unsafe closedir(directory)
        }
        _ = unsafe rmdir(path)
    }
}
