import ConnectorCore
import FileSystem

/// How often a stream's folder was opened to write, kept in the folder beside the same number in the state.
///
/// The state's is durable first, and the folder's before the first line. So a folder that is ahead was written under a
/// later state than this one: a backup was put back, or the state began anew. What lies behind its position was
/// acknowledged then, and is kept.
struct OpeningMark {
    /// No file of ours ends otherwise than in `.jsonl`, and readers of `*.jsonl` do not see it.
    static let fileName = ".opened"
    /// More digits than any number has.
    private static let maximumLength = 32

    private let path: String

    init(folder: String) {
        path = "\(folder)/\(Self.fileName)"
    }

    /// 0 where there is none; nil where it can't be told, which is no reason to cut anything off.
    func read() throws(FileError) -> Int64? {
        guard let file = try OpenFile.existing(path) else { return 0 }
        let bytes = try file.contents(limit: Self.maximumLength)
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else { return nil }
        return Int64(text.dropLast()).flatMap { (0...FilePosition.maximumOpening).contains($0) ? $0 : nil }
    }

    /// Durable when it returns.
    func write(_ opening: Int64, in folder: String) throws(FileError) {
        let isNew = !Files.exists(path)
        let file = try OpenFile(writing: path)
        let bytes = Array("\(opening)\n".utf8)
        try file.write(bytes, at: 0)
        try file.truncate(to: Int64(bytes.count))
        try file.synchronize()
        if isNew { try Files.synchronize(folder) }
    }
}
