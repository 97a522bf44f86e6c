import ConnectorCore
import FileSystem

/// How often something was acknowledged into a stream's folder, kept in the folder beside the same number in the state.
///
/// The state's is always durable first, so that a folder that is ahead was written under a later state than this one: a
/// backup was put back, or the state began anew. What lies behind its position was acknowledged then, and is kept. A
/// mark that lags, after a power cut, tells less and harms nothing.
struct DeliveryMark {
    /// No file of ours ends otherwise than in `.jsonl`, and readers of `*.jsonl` do not see it.
    static let fileName = ".mark"
    /// More digits than any number has.
    private static let maximumLength = 32

    private let folder: String
    private var file: OpenFile?

    private var path: String { "\(folder)/\(Self.fileName)" }

    init(folder: String) {
        self.folder = folder
    }

    /// 0 where there is none, or one that was never written. Nil where it can't be told, which is no reason to cut anything
    /// off.
    func read() throws(FileError) -> Int64? {
        guard let file = try OpenFile.existing(path) else { return 0 }
        let bytes = try file.contents(limit: Self.maximumLength)
        guard !bytes.isEmpty else { return 0 }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else { return nil }
        return Int64(text.dropLast()).flatMap { (0..<FilePosition.maximumCount).contains($0) ? $0 : nil }
    }

    /// Once the state has it. Numbers only grow, and so do their digits.
    mutating func move(to count: Int64) throws(FileError) {
        let bytes = Self.bytes(count)
        if let file { return try file.write(bytes, at: 0) }
        let opened = try OpenFile(writing: path)
        try opened.write(bytes, at: 0)
        try opened.truncate(to: Int64(bytes.count))
        file = opened
    }

    private static func bytes(_ count: Int64) -> [UInt8] { Array("\(count)\n".utf8) }
}
