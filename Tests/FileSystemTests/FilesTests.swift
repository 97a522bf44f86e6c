import FileSystem
import Glibc
import Testing

struct FilesTests {
    private let scratch = Scratch()

    @Test func `missing directories are made, for their owner alone`() throws {
        try Files.makeDirectory("\(scratch.path)/a/b/c")
        try Files.makeDirectory("\(scratch.path)/a/b/c")
        #expect(try Files.kind(of: "\(scratch.path)/a/b/c") == .directory)
        #expect(scratch.mode("a") == 0o700)
    }

    @Test func `a file in a directory's place is named`() throws {
        _ = try OpenFile(writing: "\(scratch.path)/a")
        for path in ["\(scratch.path)/a", "\(scratch.path)/a/b"] {
            let error = #expect(throws: FileError.self) { try Files.makeDirectory(path) }
            #expect(error?.description == "create directory \(path): Not a directory")
        }
    }

    @Test func `a directory's names come in order`() throws {
        for name in ["b", "a", ".c"] { _ = try OpenFile(writing: "\(scratch.path)/\(name)") }
        #expect(try Files.names(in: scratch.path) == [".c", "a", "b"])
        let error = #expect(throws: FileError.self) { _ = try Files.names(in: "\(scratch.path)/none") }
        #expect(error?.code == FileError.missing)
    }

    @Test func `a file is replaced all at once, and nothing lies about afterwards`() throws {
        let path = "\(scratch.path)/f"
        try Files.replace(path, with: Array("long content".utf8))
        let first = Files.identity(of: path)
        try Files.replace(path, with: Array("short".utf8))
        #expect(try Files.contents(of: path) == Array("short".utf8))
        #expect(Files.identity(of: path) != first)
        #expect(try Files.names(in: scratch.path) == ["f"])
        #expect(scratch.mode("f") == 0o600)
    }

    @Test func `what can't be looked at may be there`() {
        #expect(Files.exists(scratch.path))
        #expect(!Files.exists("\(scratch.path)/none"))
        #expect(!Files.exists("/dev/null/none"))
        #expect(Files.exists("\(scratch.path)/" + String(repeating: "x", count: 300)))
    }

    @Test func `a lock is held once, names its holder, and is free when that goes`() throws {
        let path = "\(scratch.path)/lock"
        let first = try FileLock.take(path)
        guard case .taken = first else { return #expect(Bool(false), "\(first)") }
        guard case .held(let holder) = try FileLock.take(path) else { return #expect(Bool(false), "taken twice") }
        #expect(holder == "\(getpid())")
        withExtendedLifetime(first) {}
    }

    @Test func `a lock that went can be taken again`() throws {
        for _ in 0..<3 {
            guard case .taken = try FileLock.take("\(scratch.path)/lock") else {
                return #expect(Bool(false), "still held")
            }
        }
    }
}

/// A directory below /tmp that goes with its last holder.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/connectord-files-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/tmp/connectord-files"
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in (try? Files.names(in: path)) ?? [] where unsafe unlink("\(path)/\(name)") != 0 {
            remove("\(path)/\(name)")
        }
        _ = unsafe rmdir(path)
    }

    func mode(_ name: String) -> UInt32? {
        var status = stat()
        return unsafe stat("\(path)/\(name)", &status) == 0 ? status.st_mode & 0o777 : nil
    }
}
