import ConnectorCore
import Testing

struct CircuitBreakerTests {
    private func time(_ seconds: Int) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000)
    }

    /// Opened at second 0, until 30.
    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { breaker.failed(at: time(0)) }
        return breaker
    }

    @Test func `five failures in a row open it`() {
        var breaker = CircuitBreaker()
        for _ in 0..<4 { breaker.failed(at: time(0)) }
        breaker.succeeded(at: time(0))
        for _ in 0..<4 { breaker.failed(at: time(0)) }
        #expect(breaker.admit(at: time(0)) == .go)
        breaker.failed(at: time(0))
        #expect(breaker.admit(at: time(10)) == .wait(.seconds(20)))
    }

    @Test func `one probe finds out, the others wait`() {
        var breaker = opened()
        #expect(breaker.admit(at: time(30)) == .probe)
        #expect(breaker.admit(at: time(30)) == .wait(CircuitBreaker.probeRecheck))
        breaker.succeeded(at: time(31))
        #expect(breaker.state == .closed(failures: 0))
        #expect(breaker.admit(at: time(31)) == .go)
    }

    @Test func `each failed probe doubles the wait, up to the ceiling`() {
        var breaker = opened()
        var now = 30
        for expected in [60, 120, 240, 300, 300] {
            #expect(breaker.admit(at: time(now)) == .probe)
            breaker.failed(at: time(now))
            #expect(breaker.admit(at: time(now)) == .wait(.seconds(expected)))
            now += expected
        }
    }

    @Test func `an abandoned probe makes room for the next`() {
        var breaker = opened()
        #expect(breaker.admit(at: time(30)) == .probe)
        breaker.abandoned(at: time(31))
        #expect(breaker.admit(at: time(31)) == .probe)
    }

    @Test func `a probe that nobody reports does not block it for ever`() {
        var breaker = opened()
        #expect(breaker.admit(at: time(30)) == .probe)
        #expect(breaker.admit(at: time(629)) == .wait(.seconds(1)))
        #expect(breaker.admit(at: time(630)) == .probe)
        #expect(breaker.admit(at: time(631)) == .wait(.seconds(1)))
    }

    @Test func `outcomes that come late do not move an open breaker`() {
        var breaker = opened()
        let state = breaker.state
        breaker.failed(at: time(5))
        breaker.succeeded(at: time(5))
        breaker.abandoned(at: time(5))
        #expect(breaker.state == state)
    }
}
