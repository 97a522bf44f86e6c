import ConnectorCore
import FileSystem

/// What a folder of audit records is found to be.
public struct AuditVerification: Sendable, Equatable {
    /// A place where the chain does not hold.
    public struct Flaw: Sendable, Equatable, CustomStringConvertible {
        /// The file's name.
        public var file: String
        /// From 1.
        public var line: Int
        /// What is wrong there.
        public var problem: String

        /// A flaw from its parts.
        public init(file: String, line: Int, problem: String) {
            (self.file, self.line, self.problem) = (file, line, problem)
        }

        /// Place and problem.
        public var description: String { "\(file):\(line): \(problem)" }
    }

    /// How many records stand there.
    public var records: Int64 = 0
    /// The first one's number: beyond 1 where those before were removed after their retention.
    public var first: Int64?
    /// The last one's number.
    public var last: Int64?
    /// The last one's hash. Kept elsewhere, it shows later that nothing up to it was removed from the end or written anew.
    public var head: String?
    /// Where the chain does not hold; the first hundred.
    public var flaws: [Flaw] = []

    /// Of nothing.
    public init() {}

    /// Whether every record is as it was written, and none is missing in between.
    public var isWhole: Bool { flaws.isEmpty }

    static let mostFlaws = 100
}

extension FileAuditLog {
    /// Reads all records of a folder and holds each against the one before.
    ///
    /// - Parameters:
    ///   - folder: of a ``FileAuditLog``.
    ///   - head: the hash of a record that must be among them: the last one's as it was once.
    ///
    /// Throws a ``ConfigurationError`` where the folder can't be read.
    public static func verify(_ folder: String, head: String? = nil) throws -> AuditVerification {
        var found = AuditVerification()
        var chain = AuditChain()
        var isFirst = true
        var hasHead = head == nil || head == AuditChain.origin
        for file in try files(in: folder) {
            for (index, line) in try lines(of: "\(folder)/\(file)").enumerated() {
                do throws(AuditChain.Flaw) {
                    try chain.follow(line, isFirst: isFirst)
                    if isFirst { found.first = chain.number }
                    isFirst = false
                    found.records += 1
                    (found.last, found.head) = (chain.number, chain.head)
                    if chain.head == head { hasHead = true }
                } catch {
                    if found.flaws.count < AuditVerification.mostFlaws {
                        found.flaws.append(.init(file: file, line: index + 1, problem: error.problem))
                    }
                    // What follows is held against itself.
                    isFirst = true
                }
            }
        }
        if !hasHead {
            let problem = "no record has the hash \(head ?? ""): it was removed, or written anew"
            found.flaws.append(.init(file: folder, line: 0, problem: problem))
        }
        return found
    }

    /// By day, which is their order.
    static func files(in folder: String) throws(ConfigurationError) -> [String] {
        do throws(FileError) {
            return try Files.names(in: folder).filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.sorted()
        } catch {
            throw unreadable(error)
        }
    }

    /// Without their ends; a last one without an end was never acknowledged.
    static func lines(of path: String) throws(ConfigurationError) -> [[UInt8]] {
        do throws(FileError) {
            let bytes = try Files.contents(of: path)
            guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
            return bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        } catch {
            throw unreadable(error)
        }
    }

    static func unreadable(_ error: FileError) -> ConfigurationError {
        ConfigurationError(
            ErrorContext(
                "the audit log can't be used: \(error)",
                code: "AUDIT_LOG",
                underlying: error,
                hint: error.remedy ?? "check the folder, and that this program may read and write there"
            )
        )
    }
}
