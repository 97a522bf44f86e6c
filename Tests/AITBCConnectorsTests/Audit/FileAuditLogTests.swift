import AITBCConnectors
import ConnectorCore
import FileSystem
import Glibc
import Testing

@Suite(.timeLimit(.minutes(2)))
struct FileAuditLogTests {
    /// A folder that goes with the test.
    private final class Folder {
        let path = "/tmp/audit-log-test-\(UInt64.random(in: 0 ... .max))"

        deinit {
            for name in (try? Files.names(in: path)) ?? [] { try? Files.remove("\(path)/\(name)") }
            _ = unsafe rmdir(path)
        }

        var files: [String] { get throws { try Files.names(in: path).filter { $0.hasSuffix(".jsonl") } } }

        func text(_ file: String) throws -> String {
            String(decoding: try Files.contents(of: "\(path)/\(file)"), as: UTF8.self)
        }

        func put(_ text: String, _ file: String) throws { try Files.replace("\(path)/\(file)", with: Array(text.utf8)) }
    }

    private static let day = "audit-2026-11-30.jsonl"

    private static func record(_ number: Int, day: Int = 30) -> AuditRecord {
        let at = Instant(iso8601: "2026-11-\(day)T08:00:00Z") ?? Instant(seconds: 0)
        return AuditRecord(actor: "stripe", operation: "create_charge", object: "ch_\(number)", at: at)
    }

    private static func filled(_ folder: Folder, _ count: Int = 5) async throws {
        let log = try FileAuditLog(folder: folder.path)
        for number in 1...count { await log.record(record(number)) }
        #expect(await log.failure == nil)
        #expect(await log.lost == 0)
    }

    @Test func `records of several programs, one after the other, are one chain`() async throws {
        let folder = Folder()
        try await Self.filled(folder, 3)
        try await Self.filled(folder, 2)
        let found = try FileAuditLog.verify(folder.path)
        #expect(found.isWhole && (found.records, found.first, found.last) == (5, 1, 5))
        #expect(try FileAuditLog.verify(folder.path, head: found.head).isWhole)
        #expect(try folder.text(Self.day).split(separator: "\n").first?.contains(#""object":"ch_1""#) == true)
    }

    @Test(
        arguments: [
            ("changed", "was changed"), ("removed", "records were removed"), ("swapped", "stand"),
            ("doubled", "stands where"), ("spoilt", "no JSON"), ("cut", "no record has the hash"),
            ("forged", "does not follow"),
        ]
    )
    func `whatever is done to a record is found`(deed: String, problem: String) async throws {
        let folder = Folder()
        try await Self.filled(folder)
        let head = try #require(try FileAuditLog.verify(folder.path).head)
        var lines = try folder.text(Self.day).split(separator: "\n").map(String.init)
        switch deed {
        case "changed": lines[2] = lines[2].replacing("ch_3", with: "ch_9")
        case "removed": lines.remove(at: 2)
        case "swapped": lines.swapAt(1, 2)
        case "doubled": lines.insert(lines[2], at: 2)
        case "spoilt": lines[2] = "?"
        case "cut": lines.removeLast()
        default:
            // A record of another chain, right by itself.
            let other = Folder()
            let log = try FileAuditLog(folder: other.path)
            for number in 10...15 { await log.record(Self.record(number)) }
            lines[2] = try other.text(Self.day).split(separator: "\n").map(String.init)[2]
        }
        try folder.put(lines.joined(separator: "\n") + "\n", Self.day)
        let found = try FileAuditLog.verify(folder.path, head: head)
        #expect(!found.isWhole && found.flaws.contains { $0.problem.contains(problem) }, "\(found.flaws)")
    }

    @Test func `a line that a crash cut short is no record, and the chain goes on`() async throws {
        let folder = Folder()
        try await Self.filled(folder, 2)
        try folder.put(try folder.text(Self.day) + #"{"n":3,"prev"#, Self.day)
        try await Self.filled(folder, 1)
        let found = try FileAuditLog.verify(folder.path)
        #expect(found.isWhole && found.records == 3)
    }

    @Test func `a day has a file, those beyond the retention go, and the rest is still a chain`() async throws {
        let folder = Folder()
        let log = try FileAuditLog(folder: folder.path, retention: .seconds(3 * 86_400))
        for day in [20, 21, 27, 28, 30] { await log.record(Self.record(day, day: day)) }
        // A clock that was set back writes no earlier file.
        await log.record(Self.record(31, day: 21))
        #expect(await log.failure == nil)
        #expect(try folder.files == ["27", "28", "30"].map { "audit-2026-11-\($0).jsonl" })
        let found = try FileAuditLog.verify(folder.path)
        #expect(found.isWhole && (found.records, found.first, found.last) == (4, 3, 6))
    }

    @Test func `a second writer is refused, and so is a folder whose end was changed`() async throws {
        let folder = Folder()
        var log: FileAuditLog? = try FileAuditLog(folder: folder.path)
        await log?.record(Self.record(1))
        let error = #expect(throws: ConfigurationError.self) { try FileAuditLog(folder: folder.path) }
        #expect(error?.message.contains("process") == true)
        log = nil
        try folder.put(try folder.text(Self.day).replacing("ch_1", with: "ch_2"), Self.day)
        let changed = #expect(throws: ConfigurationError.self) { try FileAuditLog(folder: folder.path) }
        #expect(changed?.message.contains("was changed") == true)
    }

    @Test func `a clock that is behind after a restart writes no earlier file either`() async throws {
        let folder = Folder()
        try await Self.filled(folder, 2)
        let log = try FileAuditLog(folder: folder.path)
        await log.record(Self.record(3, day: 12))
        #expect(try folder.files == [Self.day])
        #expect(try FileAuditLog.verify(folder.path).records == 3)
    }

    @Test func `a file that somebody takes away is begun anew, and the gap shows`() async throws {
        let folder = Folder()
        let log = try FileAuditLog(folder: folder.path)
        await log.record(Self.record(1))
        try Files.remove("\(folder.path)/\(Self.day)")
        await log.record(Self.record(2))
        #expect(try FileAuditLog.verify(folder.path).first == 2)
    }

    @Test func `what a failed write left behind is no record`() async throws {
        let folder = Folder()
        try await Self.filled(folder, 2)
        // As if the disk had taken the line, and not said so.
        let log = try FileAuditLog(folder: folder.path)
        try folder.put(try folder.text(Self.day) + #"{"n":3,"previous":"","record":{},"hash":""}"# + "\n", Self.day)
        await log.record(Self.record(3))
        let found = try FileAuditLog.verify(folder.path)
        #expect(found.isWhole && found.records == 3)
    }

    @Test func `records wait for a disk that takes them again`() async throws {
        let folder = Folder()
        let log = try FileAuditLog(folder: folder.path)
        // What is no regular file is not written to.
        try Files.makeDirectory("\(folder.path)/\(Self.day)")
        await log.record(Self.record(1))
        await log.record(Self.record(2))
        #expect(await log.failure?.code == "AUDIT_LOG")
        await #expect(throws: ConfigurationError.self) { try await log.flush() }
        #expect(unsafe rmdir("\(folder.path)/\(Self.day)") == 0)
        try await log.flush()
        await log.record(Self.record(3))
        #expect(await log.failure == nil)
        let found = try FileAuditLog.verify(folder.path)
        #expect(found.isWhole && found.records == 3)
    }
}
