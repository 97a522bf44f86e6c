import Glibc

/// A call into the file system that failed.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was to be done: "open", "sync directory".
    package var call: String
    package var path: String
    /// The operating system's number for why not.
    package var code: Int32

    package init(_ call: String, _ path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// Of the call that failed just now.
    init(_ call: String, _ path: String) {
        self.init(call, path, code: errno)
    }

    package var description: String { "\(call) \(path): \(reason)" }

    /// The operating system's words.
    package var reason: String {
        switch code {
        // What is written to is never followed elsewhere.
        case ELOOP: "is a symbolic link, and none is followed here"
        case Self.notRegular: "is not a regular file"
        default: Self.words(code)
        }
    }

    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// The number for "there is no such file or directory".
    package static let missing: Int32 = ENOENT

    /// Something of that name is there already.
    package var isThere: Bool { code == EEXIST }

    /// What a person can do, where the number says it.
    package var remedy: String? {
        switch code {
        case ENOSPC, EDQUOT: "make room on that file system"
        case EROFS: "remount the file system writable"
        case EACCES, EPERM: "let the service's user read and write there"
        default: nil
        }
    }

    /// A number of our own, which no call gives: something else lies where a file is wanted.
    static let notRegular: Int32 = -1

    private static func words(_ code: Int32) -> String {
        var words = [CChar](repeating: 0, count: 128)
        guard unsafe strerror_r(code, &words, words.count) == 0 else { return "error \(code)" }
        return String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
