import ConnectorCore
import Glibc
import StateStore
import Testing

/// A process that commits in a loop is killed without warning; nothing that was reported durable may be missing.
@Suite
struct KillTests {
    @Test(arguments: [3, 11, 29, 47])
    func `every commit that was reported is there after a kill`(_ milliseconds: Int) async throws {
        let scratch = Scratch()
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, milliseconds] in
            let store = try SQLiteStore.open(directory: "\(path)/state", now: now)
            let report = unsafe open("\(path)/report", O_CREAT | O_WRONLY | O_APPEND, 0o600)
            Task.detached {
                try await Task.sleep(for: .milliseconds(milliseconds))
                kill(getpid(), SIGKILL)
            }
            await withThrowingTaskGroup(of: Void.self) { group in
                for lane: UInt64 in 0..<4 {
                    group.addTask { try await commitForEver(store, lane: lane, report: report) }
                }
            }
        }
        try await check(scratch)
    }

    /// The report has a byte a commit: its lane. So lane `n` had committed as often as `n` stands there.
    private func check(_ scratch: Scratch) async throws {
        let report = Scratch.read("\(scratch.path)/report")
        let store = try scratch.open()
        for lane: UInt64 in 0..<4 {
            let reported = report.count { $0 == UInt8(lane) }
            let stream = StreamID(connector: "lane", stream: "\(lane)")
            let cursor = try await store.state(of: stream)?.cursor ?? 0
            #expect(cursor == Int64(reported) || cursor == Int64(reported) + 1)
            #expect(try await store.delivered(of: stream, limit: 1_000_000).count == Int(cursor) * 10)
        }
        #expect(try await store.overview().allSatisfy { $0.totalRecords == $0.state.cursor.map { $0 * 10 } })
    }
}

/// Commits 10 records at a time and notes each commit that returned.
private func commitForEver(_ store: SQLiteStore, lane: UInt64, report: Int32) async throws {
    let stream = StreamID(connector: "lane", stream: "\(lane)")
    for number in 1... {
        let first = UInt64(number) * 10
        try await store.commit(
            .make(
                stream,
                cursor: Int64(number),
                run: .make(records: Int64(number) * 10),
                remember: (first..<first + 10).map { record($0) }
            )
        )
        var byte = UInt8(lane)
        guard unsafe write(report, &byte, 1) == 1 else { return }
    }
}
