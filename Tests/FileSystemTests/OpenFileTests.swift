import Glibc
import Testing

@testable import FileSystem

struct OpenFileTests {
    private let scratch = Scratch()

    private var path: String { "\(scratch.path)/f" }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `what was opened for writing can be read back, whatever was done before`() throws {
        let file = try OpenFile(writing: path)
        try file.write(Array("hello".utf8), at: 0)
        #expect(try file.size() == 5)
        #expect(text(try file.contents()) == "hello")
        try file.truncate(to: 2)
        try file.write(Array("y".utf8), at: 2)
        #expect(try file.size() == 3)
        #expect(text(try file.contents()) == "hey")
        #expect(text(try file.contents(limit: 2)) == "he")
    }

    @Test func `an existing file is opened for both, and a missing one is none`() throws {
        #expect(try OpenFile.existing(path) == nil)
        try OpenFile(writing: path).write(Array("abc".utf8), at: 0)
        let file = try #require(try OpenFile.existing(path))
        #expect(try file.size() == 3)
        #expect(text(try file.contents()) == "abc")
        try file.write(Array("d".utf8), at: 3)
        #expect(text(try Files.contents(of: path)) == "abcd")
    }

    @Test func `a file larger than one read is read whole`() throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try OpenFile(writing: path).write(bytes, at: 0)
        #expect(try Files.contents(of: path) == bytes)
    }

    @Test func `what is no regular file is not written to, and holds nobody up`() throws {
        let made = unsafe mkfifo(path, 0o600)
        #expect(made == 0)
        let errors = [
            #expect(throws: FileError.self) { try OpenFile(writing: path) },
            #expect(throws: FileError.self) { try OpenFile.existing(path) },
            #expect(throws: FileError.self) { try Files.contents(of: path) },
        ]
        for error in errors { #expect(error?.reason == "is not a regular file") }
    }

    @Test func `a full disk fails the write`() throws {
        let full = try OpenFile(writingAnything: "/dev/full")
        let error = #expect(throws: FileError.self) { try full.write([1], at: 0) }
        #expect(error?.description == "write /dev/full: No space left on device")
        #expect(error?.remedy == "make room on that file system")
    }

    @Test func `what is made anew was not there, and has its mode whatever the mask`() throws {
        let old = umask(0o077)
        defer { umask(old) }
        _ = try OpenFile(creating: path, mode: 0o644)
        #expect(scratch.mode("f") == 0o644)
        let error = #expect(throws: FileError.self) { _ = try OpenFile(creating: path, mode: 0o644) }
        #expect(error?.isThere == true)
    }

    @Test func `a link is followed for reading alone`() throws {
        try OpenFile(writing: "\(scratch.path)/target").write(Array("x".utf8), at: 0)
        #expect(unsafe symlink("\(scratch.path)/target", path) == 0)
        #expect(text(try Files.contents(of: path)) == "x")
        #expect(throws: FileError.self) { _ = try OpenFile(writing: path) }
        #expect(throws: FileError.self) { _ = try OpenFile.existing(path) }
    }

    @Test func `a pipe in a file's place holds nobody up`() throws {
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let error = #expect(throws: FileError.self) { try Files.contents(of: path) }
        #expect(error?.reason == "is not a regular file")
    }
}
