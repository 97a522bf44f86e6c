import ConnectorCore
import Glibc
import SystemdService
import Testing

@Suite
struct ProcessTests {
    @Test
    func `signals arrive in turn, the second as well, and no longer end the process`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let (signals, events) = ProcessSignals.stream()
            var iterator = events.makeAsyncIterator()
            for (number, kind) in [
                (SIGHUP, ProcessSignal.hangUp), (SIGTERM, .terminate), (SIGTERM, .terminate), (SIGINT, .interrupt),
            ] {
                kill(getpid(), number)
                guard await iterator.next() == kind else { exit(1) }
            }
            withExtendedLifetime(signals) { exit(42) }
        }
    }

    @Test
    func `writing to a closed pipe does not end the process`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let signals = ProcessSignals { _ in }
            var ends: [Int32] = [-1, -1]
            guard unsafe pipe(&ends) == 0 else { exit(1) }
            close(ends[0])
            StandardErrorSink(clocks: StillClocks(), descriptor: ends[1])
                .write(LogEntry(level: .error, message: "x", messageID: "x"))
            withExtendedLifetime(signals) { exit(42) }
        }
    }

    @Test
    func `no sockets were passed to a test`() throws {
        #expect(try activatedSockets().isEmpty)
    }

    @Test
    func `sockets of a socket unit come with their names`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            unsafe setenv("LISTEN_PID", "\(getpid())", 1)
            unsafe setenv("LISTEN_FDS", "2", 1)
            unsafe setenv("LISTEN_FDNAMES", "webhooks:metrics", 1)
            for descriptor: Int32 in [3, 4] { dup2(0, descriptor) }
            let sockets = try activatedSockets()
            guard sockets.map(\.name) == ["webhooks", "metrics"], sockets.map(\.descriptor) == [3, 4] else { exit(1) }
            guard try activatedSockets().isEmpty else { exit(2) }
            exit(42)
        }
    }
}

private struct StillClocks: Clocks {
    let now = Instant(seconds: 1_800_000_000)
    let monotonic = MonotonicInstant(nanoseconds: 0)
}
