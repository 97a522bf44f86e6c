import ConnectorCore
import FileSystem
import Glibc
import Testing

@testable import ConnectorDaemon

struct FileSinkTests {
    private static let stream = StreamID(connector: "c", stream: "s")
    private let scratch = Scratch()

    /// The second writer of a stream, where there is a position.
    private func writer(at position: String? = nil, rotateBytes: Int64 = 1_000) async throws -> any SinkWriter {
        try await FileSink(directory: "\(scratch.path)/data", rotateBytes: rotateBytes)
            .open(Self.stream, at: position.map { SinkPosition("\($0):1") })
    }

    private var names: [String] { scratch.names(in: "data/c/s") }

    private var records: [String] { names.filter { $0 != ".mark" } }

    private func file(_ number: Int) -> String? { scratch.read("data/c/s/0000000\(number).jsonl") }

    @Test func `a new stream begins its first file, and a flush says up to where it is durable`() async throws {
        let writer = try await writer()
        try await writer.write(Array("a\n".utf8))
        try await writer.write(Array("bc\n".utf8))
        #expect(try await writer.flush() == SinkPosition("00000001:5:1"))
        await writer.close()
        #expect(records == ["00000001.jsonl"])
        #expect(file(1) == "a\nbc\n")
    }

    @Test func `opened at its position, a file goes on there`() async throws {
        try await writer().write(Array("a\nb\n".utf8))
        let writer = try await writer(at: "00000001:4")
        try await writer.write(Array("c\n".utf8))
        #expect(try await writer.flush() == SinkPosition("00000001:6:2"))
        #expect(file(1) == "a\nb\nc\n")
    }

    @Test func `what was never acknowledged is cut off`() async throws {
        try await writer().write(Array("a\nb\nhal".utf8))
        let writer = try await writer(at: "00000001:2")
        #expect(file(1) == "a\n")
        try await writer.write(Array("c\n".utf8))
        #expect(file(1) == "a\nc\n")
    }

    @Test func `what a lost state had delivered is kept: a stream without a position begins behind it`() async throws {
        await (try writer()).close()
        for name in ["00000001.jsonl", "00000007.jsonl"] { scratch.write("a\n", to: "data/c/s/\(name)") }
        let writer = try await writer()
        #expect(try await writer.flush() == SinkPosition("00000008:0:1"))
        try await writer.write(Array("b\n".utf8))
        #expect([file(1), file(7), file(8)] == ["a\n", "a\n", "b\n"])
    }

    @Test func `where a stream begins is durable before its first line`() async throws {
        let stream = Self.stream
        let sink = FileSink(directory: "\(scratch.path)/data")
        let opening = LedgerOpening(stream: stream, sinks: [stream: sink.identity], owner: "run")
        let ledger = try await InMemoryStore().openLedger(opening)
        let events = EventList()
        let first = try await sink.open(stream, with: ledger, events)
        #expect(try await ledger.sinkPosition(of: stream) == SinkPosition("00000001:0:1"))
        try await first.write(Array("never acknowledged\n".utf8))
        await first.close()
        let second = try await sink.open(stream, with: ledger, events)
        try await second.write(Array("a\n".utf8))
        #expect(file(1) == "a\n" && records == ["00000001.jsonl"])
    }

    /// What three runs leave under one state, of which an older copy is put back.
    private func run(_ line: String, _ ledger: any StreamLedger, _ events: EventList) async throws -> SinkPosition? {
        let writer = try await FileSink(directory: "\(scratch.path)/data").open(Self.stream, with: ledger, events)
        try await writer.write(Array("\(line)\n".utf8))
        let position = try await writer.flush()
        if let position {
            try await ledger.setSinkPosition(of: Self.stream, to: position)
            try await writer.acknowledged(position)
        }
        await writer.close()
        return position
    }

    private func ledger(at position: SinkPosition? = nil) async throws -> any StreamLedger {
        let sink = FileSink(directory: "\(scratch.path)/data").identity
        let opening = LedgerOpening(stream: Self.stream, sinks: [Self.stream: sink], owner: "run")
        let ledger = try await InMemoryStore().openLedger(opening)
        if let position { try await ledger.setSinkPosition(of: Self.stream, to: position) }
        return ledger
    }

    @Test(arguments: [true, false])
    func `a state that is older than the files cuts nothing off, and is told once`(beginsAnew: Bool) async throws {
        let (state, events) = (try await ledger(), EventList())
        let older = try await run("a", state, events)
        _ = try await run("b", state, events)
        #expect(events.all == [])
        let restored = try await ledger(at: beginsAnew ? nil : older)
        for line in ["b again", "c"] { _ = try await run(line, restored, events) }
        #expect([file(1), file(2)] == ["a\nb\n", "b again\nc\n"])
        #expect(events.all == [.stateIsBehind(Self.stream, run: "run", knowsNothing: beginsAnew)])
    }

    @Test func `a position of before they were counted goes on where it was, an empty mark or not`() async throws {
        await (try writer()).close()
        scratch.write("", to: "data/c/s/.mark")
        scratch.write("a\nnever acknowledged\n", to: "data/c/s/00000001.jsonl")
        let events = EventList()
        _ = try await run("b", try await ledger(at: SinkPosition("00000001:2")), events)
        #expect(file(1) == "a\nb\n" && events.all == [])
    }

    @Test func `a state that was copied inside a run is behind once that run was acknowledged again`() async throws {
        let (state, events) = (try await ledger(), EventList())
        let writer = try await FileSink(directory: "\(scratch.path)/data", rotateBytes: 4).open(
            Self.stream,
            with: state,
            events
        )
        var copies: [SinkPosition] = []
        for line in ["aa\n", "bb\n", "cc\n"] {
            try await writer.write(Array(line.utf8))
            let position = try #require(await writer.position)
            try await state.setSinkPosition(of: Self.stream, to: position)
            try await writer.acknowledged(position)
            copies.append(position)
        }
        await writer.close()
        #expect(copies.map(\.text) == ["00000001:3:1", "00000001:6:2", "00000002:3:3"])
        _ = try await run("dd", try await ledger(at: copies[0]), events)
        #expect([file(1), file(2), file(3)] == ["aa\nbb\n", "cc\n", "dd\n"])
        #expect(events.all == [.stateIsBehind(Self.stream, run: "run", knowsNothing: false)])
    }

    @Test func `a process that ends between its state and the folder's mark loses nothing and doubts nothing`()
        async throws
    {
        let (state, events) = (try await ledger(), EventList())
        _ = try await run("a", state, events)
        for _ in 1...3 {
            let sink = FileSink(directory: "\(scratch.path)/data")
            await (try await sink.open(Self.stream, with: state, events)).close()
        }
        #expect(scratch.read("data/c/s/.mark") == "1\n")
        _ = try await run("b", state, events)
        #expect(file(1) == "a\nb\n" && names == [".mark", "00000001.jsonl"] && events.all == [])
        #expect(scratch.read("data/c/s/.mark") == "2\n")
    }

    @Test(arguments: ["no number\n", "-1\n", "10000000000000000\n", "9223372036854775807\n", "12"])
    func `a mark that can't be read is no reason to cut anything off`(mark: String) async throws {
        let (state, events) = (try await ledger(), EventList())
        _ = try await run("a", state, events)
        scratch.write(mark, to: "data/c/s/.mark")
        for line in ["b", "c"] { _ = try await run(line, state, events) }
        #expect([file(1), file(2)] == ["a\n", "b\nc\n"])
        #expect(events.all.count == 1 && scratch.read("data/c/s/.mark") == "3\n")
    }

    @Test func `a directory below the state's moves with it, any other is itself behind symbolic links`() throws {
        let home = "\(scratch.path)/state"
        #expect(unsafe mkdir(home, 0o700) == 0)
        #expect(unsafe symlink(home, "\(scratch.path)/link") == 0)
        let identities = ["\(home)/data", "\(scratch.path)/link/data"].map {
            FileSink(directory: $0, home: home).identity
        }
        #expect(identities == [SinkIdentity("file:./data"), SinkIdentity("file:./data")])
        let elsewhere = FileSink(directory: "\(scratch.path)/link/data", home: "\(scratch.path)/other").identity
        #expect(elsewhere == FileSink(directory: "\(home)/data").identity)
        #expect(elsewhere.text.hasPrefix("file:/") && elsewhere.text.hasSuffix("/state/data"))
    }

    @Test func `a file that is full is followed by the next`() async throws {
        let writer = try await writer(rotateBytes: 4)
        for text in ["aaa\n", "bb\n", "c\n", "d\n"] { try await writer.write(Array(text.utf8)) }
        #expect(try await writer.flush() == SinkPosition("00000003:2:1"))
        #expect(records == ["00000001.jsonl", "00000002.jsonl", "00000003.jsonl"])
        #expect([file(1), file(2), file(3)] == ["aaa\n", "bb\nc\n", "d\n"])
    }

    @Test func `later files that were never acknowledged go, and nothing else`() async throws {
        let writer = try await writer(rotateBytes: 1)
        for text in ["a\n", "b\n", "c\n"] { try await writer.write(Array(text.utf8)) }
        for name in ["notes.txt", "+9.jsonl", "9.jsonl"] { scratch.write("x", to: "data/c/s/\(name)") }
        _ = try await self.writer(at: "00000001:2")
        #expect(records == ["+9.jsonl", "00000001.jsonl", "9.jsonl", "notes.txt"])
    }

    @Test func `a file that was taken away is followed by the next number`() async throws {
        try await writer().write(Array("a\n".utf8))
        scratch.remove("data/c/s/00000001.jsonl")
        let writer = try await writer(at: "00000001:2")
        try await writer.write(Array("b\n".utf8))
        #expect(try await writer.flush() == SinkPosition("00000002:2:2"))
        #expect(records == ["00000002.jsonl"])
    }

    @Test func `a file that somebody shortened is not written to`() async throws {
        try await writer().write(Array("a\n".utf8))
        let error = await error { _ = try await writer(at: "00000001:9") }
        #expect(
            error?.description == "\(scratch.path)/data/c/s/00000001.jsonl has 2 bytes, but 9 were acknowledged: "
                + "somebody shortened it; restore the file, or move it away: the next sync then begins a new one"
        )
        #expect(file(1) == "a\n")
    }

    @Test func `a file in a folder's place is named`() async throws {
        scratch.write("x", to: "data")
        let error = await error { _ = try await writer() }
        #expect(error?.message == "create directory \(scratch.path)/data: Not a directory")
    }

    @Test func `a file that can't be opened is not taken for one that is gone`() async throws {
        try await writer().write(Array("a\n".utf8))
        scratch.remove("data/c/s/00000001.jsonl")
        #expect(unsafe mkdir("\(scratch.path)/data/c/s/00000001.jsonl", 0o700) == 0)
        let error = await error { _ = try await writer(at: "00000001:2") }
        #expect(error?.message == "open \(scratch.path)/data/c/s/00000001.jsonl: Is a directory")
    }

    @Test(.enabled(if: geteuid() != 0)) func `a directory without permission is named`() async throws {
        #expect(unsafe chmod(scratch.path, 0o500) == 0)
        let error = await error { _ = try await writer() }
        #expect(unsafe chmod(scratch.path, 0o700) == 0)
        #expect(
            error?.description == "create directory \(scratch.path)/data: Permission denied; "
                + "let the service's user read and write there; the records wait at the source meanwhile"
        )
    }

    @Test func `a full disk says what to do`() {
        let error = SinkError(FileError("write", "f", code: ENOSPC))
        #expect(
            error.description == "write f: No space left on device; make room on that file system; "
                + "the records wait at the source meanwhile"
        )
    }

    @Test func `a data directory that another service writes is left alone, and the holder named`() async throws {
        let first = FileSink(directory: "\(scratch.path)/data")
        let writer = try await first.open(Self.stream, at: nil)
        try await writer.write(Array("a\n".utf8))
        let position = try #require(try await writer.flush())
        try await writer.write(Array("on its way\n".utf8))
        let second = FileSink(directory: "\(scratch.path)/data")
        let error = await error { _ = try await second.open(Self.stream, at: position) }
        #expect(error?.message == "the data directory \(scratch.path)/data is in use by process \(getpid())")
        #expect(error?.hint.contains("data_directory") == true)
        // Nothing was cut off.
        #expect(file(1) == "a\non its way\n")
        _ = try await first.open(StreamID(connector: "c", stream: "other"), at: nil)
    }

    @Test func `a data directory is free again when its sink is gone`() async throws {
        _ = try await writer()
        _ = try await writer()
    }

    @Test func `a link in a file's place is not followed`() async throws {
        await (try writer()).close()
        scratch.remove("data/c/s/00000001.jsonl")
        scratch.link("/dev/null", at: "data/c/s/00000001.jsonl")
        let error = await error { _ = try await writer(at: "00000001:2") }
        #expect(error?.message.hasSuffix("00000001.jsonl: is a symbolic link, and none is followed here") == true)
    }

    @Test func `a closed writer writes nothing more`() async throws {
        let writer = try await writer()
        await writer.close()
        await writer.close()
        #expect(await error { try await writer.write([1]) }?.message.hasSuffix("is closed already") == true)
        #expect(await error { _ = try await writer.flush() }?.message.hasSuffix("is closed already") == true)
    }

    @Test func `flushes and writes may run side by side`() async throws {
        let writer = try await writer(rotateBytes: 100)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        try await writer.write(Array("0123456789\n".utf8))
                        #expect(try await writer.flush() != nil)
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        #expect((1...3).compactMap(file).joined().split(separator: "\n").count == 20)
    }

    @Test(arguments: ["", "1", "0:5", "1:-1", "a:1", "1:1:x", "1:1:-1", "1:1:1:1"])
    func `a position that this sink did not write is none`(text: String) {
        #expect(FilePosition(SinkPosition(text)) == nil)
    }

    private func error(_ body: () async throws -> Void) async -> SinkError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? SinkError
        }
    }
}
