import ConnectorCore
import Testing

struct AdaptiveRateTests {
    private static func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `nothing is held back while nothing is refused`() {
        var rate = AdaptiveRate(most: nil)
        for step in 0..<1_000 { rate.answered(at: Self.at(Int64(step))) }
        #expect(rate.rate == nil)
    }

    @Test func `a refusal takes the rate down to what was answered within the last second`() {
        var rate = AdaptiveRate(most: nil)
        for _ in 0..<50 { rate.answered(at: Self.at(0)) }
        rate.refused(at: Self.at(10))
        #expect(rate.rate == 40)
    }

    @Test func `refusals of what was on its way lower it no further, and answers among them raise it`() {
        var rate = AdaptiveRate(most: nil)
        rate.refused(at: Self.at(0))
        #expect(rate.rate == 1)
        for step in 1...50 {
            rate.answered(at: Self.at(Int64(step)))
            rate.refused(at: Self.at(Int64(step)))
        }
        #expect(rate.rate.map { (40...46).contains($0) } == true, "\(String(describing: rate.rate))")
    }

    @Test func `answers give back a tenth a second, up to the account's own limit`() {
        var rate = AdaptiveRate(most: 20)
        for _ in 0..<10 { rate.answered(at: Self.at(0)) }
        rate.refused(at: Self.at(0))
        #expect(rate.rate == 8)
        for step in 0..<10 { rate.answered(at: Self.at(2_000 + Int64(step) * 100)) }
        #expect(rate.rate.map { $0 > 8.9 && $0 < 9.1 } == true)
        for step in 0..<200 { rate.answered(at: Self.at(10_000 + Int64(step) * 100)) }
        #expect(rate.rate == nil)
    }

    @Test func `a minute without a refusal is enough to ask as before`() {
        var rate = AdaptiveRate(most: nil)
        rate.refused(at: Self.at(0))
        rate.answered(at: Self.at(59_999))
        #expect(rate.rate != nil)
        rate.answered(at: Self.at(60_000))
        #expect(rate.rate == nil)
    }

    @Test func `a refusal later lowers it again, and never below one request a second`() {
        var rate = AdaptiveRate(most: nil)
        for _ in 0..<100 { rate.answered(at: Self.at(0)) }
        rate.refused(at: Self.at(500))
        for second in 2..<30 { rate.refused(at: Self.at(Int64(second) * 1_000)) }
        #expect(rate.rate == 1)
    }
}
