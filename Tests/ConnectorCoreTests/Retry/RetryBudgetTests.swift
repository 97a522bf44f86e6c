import ConnectorCore
import Testing

struct RetryBudgetTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    @Test func `five successes pay for one retry, and failures for none`() {
        var budget = RetryBudget(share: 0.2, reserve: 0)
        var made = 0
        for _ in 0..<1000 {
            budget.succeeded()
            if budget.withdraw(at: start) { made += 1 }
        }
        #expect(made == 200)
    }

    @Test func `the reserve serves an account that asks rarely and comes back with time`() {
        var budget = RetryBudget(share: 0, reserve: 10)
        let first = (0..<20).map { _ in budget.withdraw(at: start) }
        #expect(first == Array(repeating: true, count: 10) + Array(repeating: false, count: 10))
        let soon = budget.withdraw(at: start + .seconds(29))
        let later = budget.withdraw(at: start + .seconds(30))
        let again = budget.withdraw(at: start + .seconds(31))
        #expect([soon, later, again] == [false, true, false])
        var afterLongTime = 0
        for _ in 0..<20 where budget.withdraw(at: start + .seconds(1_000_000)) { afterLongTime += 1 }
        #expect(afterLongTime == 10)
    }

    @Test func `a long good time does not pay for a storm`() {
        var budget = RetryBudget()
        for _ in 0..<1_000_000 { budget.succeeded() }
        #expect(budget.retriesLeft == 30)
    }
}
