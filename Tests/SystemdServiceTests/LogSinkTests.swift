import ConnectorCore
import Glibc
import Testing

@testable import SystemdService

@Suite
struct LogSinkTests {
    @Test
    func `a journal entry has the level, the kind and its fields`() {
        let entry = LogEntry.make(.warning, "two\nlines", fields: [("CONNECTOR", "stripe"), ("RUN_ID", "")])
        let fields = JournalFields.encode(entry, identifier: "aitbc-connectord")
        #expect(
            fields.map { String(decoding: $0, as: UTF8.self) } == [
                "MESSAGE=two lines", "PRIORITY=4", "MESSAGE_ID=0123456789abcdef0123456789abcdef",
                "SYSLOG_IDENTIFIER=aitbc-connectord", "CONNECTOR=stripe", "RUN_ID=",
            ]
        )
    }

    @Test(arguments: [
        "", "_PID", "lower", "WITH SPACE", "A=B", "1ST", "UML\u{C4}UT", String(repeating: "A", count: 65),
    ])
    func `a field name that the journal refuses is left out`(_ name: String) {
        #expect(!JournalFields.isValid(name))
        #expect(JournalFields.encode(.make(fields: [(name, "x")]), identifier: "x").count == 4)
    }

    @Test(arguments: ["A", "STREAM", "RUN_ID", "X9_", String(repeating: "A", count: 64)])
    func `a field name that the journal takes`(_ name: String) {
        #expect(JournalFields.isValid(name))
    }

    @Test
    func `a field cannot contradict the entry`() {
        #expect(JournalFields.encode(.make(fields: [("PRIORITY", "0"), ("MESSAGE", "x")]), identifier: "x").count == 4)
    }

    @Test
    func `a huge value is cut`() {
        let fields = JournalFields.encode(
            .make(fields: [("A", String(repeating: "x", count: 1 << 20))]),
            identifier: "x"
        )
        #expect(fields.last?.count == 2 + (16 << 10))
    }

    @Test
    func `an entry goes to the journal or to the fallback and never traps`() {
        let fallback = ListSink()
        JournalSink(identifier: "connectord-test", fallback: fallback).write(.make(.debug, "from a test"))
        #expect(fallback.entries.count <= 1)
    }

    @Test
    func `standard error is the journal only where device and inode agree`() throws {
        var status = stat()
        #expect(unsafe fstat(0, &status) == 0)
        #expect(JournalSink.isJournal(descriptor: 0, stream: "\(status.st_dev):\(status.st_ino)"))
        #expect(!JournalSink.isJournal(descriptor: 0, stream: "\(status.st_dev):\(status.st_ino + 1)"))
        for stream in [nil, "", ":", "x:y", "1", "1:2:3"] {
            #expect(!JournalSink.isJournal(descriptor: 0, stream: stream))
        }
        #expect(!JournalSink.isJournal(descriptor: -1, stream: "1:2"))
    }

    @Test(
        arguments: [
            (LogEntry.Level.info, "stripe/charges: done", "2026-11-23T19:01:02Z INFO    stripe/charges: done\n"),
            (.warning, "a\nb", "2026-11-23T19:01:02Z WARNING a b\n"),
            (.debug, "x", "2026-11-23T19:01:02Z DEBUG   x A=1 B=\"two words\" C=\"\\\"\" D=\"\"\n"),
        ]
    )
    func `a line has time, level and message, and for debugging the fields`(
        level: LogEntry.Level,
        message: String,
        line: String
    ) {
        let entry = LogEntry.make(level, message, fields: [("A", "1"), ("B", "two words"), ("C", "\""), ("D", "")])
        let made = StandardErrorSink.line(for: entry, at: FixedClocks().now, showsFields: level == .debug)
        #expect(made == line)
    }

    @Test
    func `a line arrives whole`() throws {
        let (reader, writer) = try pipe()
        defer { close(reader) }
        StandardErrorSink(clocks: FixedClocks(), descriptor: writer).write(.make(.error, "boom"))
        close(writer)
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(reader, &bytes, bytes.count)
        #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "2026-11-23T19:01:02Z ERROR   boom\n")
    }

    @Test
    func `a full pipe drops the line instead of stopping the service`() throws {
        let (reader, writer) = try pipe()
        defer { close(reader) }
        defer { close(writer) }
        #expect(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
        let block = [UInt8](repeating: 0, count: 65_536)
        while unsafe write(writer, block, block.count) > 0 {}
        StandardErrorSink(clocks: FixedClocks(), descriptor: writer).write(.make())
    }

    @Test
    func `a closed descriptor is survived`() {
        StandardErrorSink(clocks: FixedClocks(), descriptor: -1).write(.make())
    }

    private func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }
}
