import ConnectorCore
import Testing

@testable import ConnectorDaemon

struct ProgressTests {
    private static let start = MonotonicInstant(nanoseconds: 0)
    private var progress = Progress(patience: .seconds(10), at: start)

    private func verdict(at seconds: Int, heldUntil: Int? = nil) -> Progress.Verdict {
        progress.verdict(heldUntil: heldUntil.map { Self.start + .seconds($0) }, at: Self.start + .seconds(seconds))
    }

    @Test func `a run that does nothing for so long is stuck`() {
        #expect(verdict(at: 9) == .fine(lookAgainAfter: .seconds(1)))
        #expect(verdict(at: 10) == .stuck)
    }

    @Test mutating func `what moves has its whole patience again`() {
        progress.moved(at: Self.start + .seconds(5))
        #expect(verdict(at: 14) == .fine(lookAgainAfter: .seconds(1)))
        #expect(verdict(at: 15) == .stuck)
    }

    @Test mutating func `a run that waits is not stuck, and has its patience afterwards`() {
        progress.waitBegan()
        #expect(verdict(at: 1_000) == .fine(lookAgainAfter: .seconds(10)))
        progress.waitEnded(at: Self.start + .seconds(1_000))
        #expect(verdict(at: 1_009) == .fine(lookAgainAfter: .seconds(1)))
        #expect(verdict(at: 1_010) == .stuck)
    }

    @Test mutating func `a run that waits while its own save hangs is stuck`() {
        progress.waitBegan()
        progress.saveBegan(at: Self.start + .seconds(500))
        #expect(verdict(at: 509) == .fine(lookAgainAfter: .seconds(1)))
        #expect(verdict(at: 510) == .stuck)
        // A sink that was asked to wait is none that hangs.
        #expect(verdict(at: 510, heldUntil: 600) == .fine(lookAgainAfter: .seconds(100)))
        progress.saveEnded(at: Self.start + .seconds(509))
        #expect(verdict(at: 5_000) == .fine(lookAgainAfter: .seconds(10)))
    }
}
