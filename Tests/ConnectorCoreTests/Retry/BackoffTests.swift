import ConnectorCore
import Testing

struct BackoffTests {
    @Test(arguments: [
        (-1, 1), (0, 1), (1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (63, 300), (64, 300), (Int.max, 300),
    ])
    func `the longest wait doubles up to the ceiling`(attempt: Int, seconds: Int) {
        #expect(Backoff().longest(attempt: attempt) == .seconds(seconds))
    }

    @Test func `waits are spread over the whole range`() {
        var generator = SeededGenerator(seed: 3)
        let waits = (0..<2000).map { _ in Backoff().wait(attempt: 3, using: &generator).inSeconds }
        #expect(waits.allSatisfy { (0...4).contains($0) })
        #expect((waits.min() ?? 9) < 0.05 && (waits.max() ?? 0) > 3.95)
        #expect(abs(waits.reduce(0, +) / 2000 - 2) < 0.1)
    }

    @Test func `nothing to wait for is no wait`() {
        var generator = SeededGenerator(seed: 3)
        #expect(Backoff(base: .zero).wait(attempt: 5, using: &generator) == .zero)
        #expect(Backoff(base: .seconds(-1)).wait(attempt: 5, using: &generator) == .zero)
        #expect(Backoff(base: .seconds(9), ceiling: .seconds(2)).longest(attempt: 1) == .seconds(2))
    }
}
