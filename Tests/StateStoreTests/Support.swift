import ConnectorCore
import Glibc
import StateStore
import Testing

let charges = StreamID(connector: "stripe", stream: "charges")
let refunds = StreamID(connector: "stripe", stream: "refunds")
/// 2026-11-23T19:01:02Z
let now = Instant(seconds: 1_795_460_462)

func key(_ number: UInt64) -> Hash128 {
    Hash128(high: number &* 0x9E37_79B9_7F4A_7C15, low: number)
}

func record(_ number: UInt64, cursor: Int64 = 0, generation: Int64 = 0, keyText: String? = nil) -> DeliveredRecord {
    DeliveredRecord(
        key: key(number),
        content: key(~number),
        cursor: cursor,
        generation: generation,
        keyText: keyText
    )
}

extension RunRecord {
    static func make(_ id: String = "run-1", _ outcome: Outcome = .running, records: Int64 = 0) -> RunRecord {
        RunRecord(
            id: id,
            started: now,
            ended: outcome == .running ? nil : now + .seconds(1),
            outcome: outcome,
            records: records
        )
    }
}

extension Checkpoint {
    static func make(
        _ stream: StreamID = charges,
        cursor: Int64? = nil,
        run: RunRecord = .make(),
        remember: [DeliveredRecord] = [],
        forget: [Hash128] = [],
        forgetBetween: ForgetRange? = nil
    ) -> Checkpoint {
        Checkpoint(
            stream: stream,
            state: StreamState(cursor: cursor),
            run: run,
            remember: [stream: remember],
            forget: [stream: forget],
            forgetBetween: forgetBetween
        )
    }
}

let files = SinkIdentity("file:./data")
let warehouse = SinkIdentity("http:https://warehouse.example/records")

/// One call where a test needs no handle of its own: each opens the rows anew.
extension CheckpointStore {
    func ledger(
        _ streams: Set<StreamID> = [charges, refunds],
        of stream: StreamID = charges,
        sink: SinkIdentity = files,
        owner: String = "run"
    ) async throws(StateError) -> any StreamLedger {
        let sinks = Dictionary(uniqueKeysWithValues: streams.union([stream]).map { ($0, sink) })
        return try await openLedger(LedgerOpening(stream: stream, sinks: sinks, owner: owner))
    }

    func commit(_ checkpoint: Checkpoint) async throws(StateError) {
        try await ledger(checkpoint.streams, of: checkpoint.stream).commit(checkpoint)
    }

    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord] {
        try await ledger([stream], of: stream).delivered(of: stream, limit: limit)
    }

    func reset(_ stream: StreamID) async throws(StateError) { try await reset(stream, sink: nil) }
}

/// A directory below /tmp that goes with its last holder.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/connectord-state-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/tmp/connectord-state"
    }

    deinit { Self.remove(path) }

    var state: String { "\(path)/state" }
    var database: String { "\(state)/state.db" }

    func open() throws(StateError) -> SQLiteStore { try SQLiteStore.open(directory: state, now: now) }

    static func list(_ path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
                unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func remove(_ path: String) {
        for name in list(path) { remove("\(path)/\(name)") }
        _ = unsafe Glibc.remove(path)
    }

    static func mode(_ path: String) -> mode_t {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    static func read(_ path: String) -> [UInt8] {
        let descriptor = unsafe Glibc.open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    static func write(_ bytes: [UInt8], to path: String, at offset: Int = 0, flags: Int32 = O_CREAT) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | flags, 0o600)
        defer { close(descriptor) }
        #expect(unsafe pwrite(descriptor, bytes, bytes.count, offset) == bytes.count)
    }
}
