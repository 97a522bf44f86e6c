import ConnectorCore
import Testing

struct TokenBucketTests {
    private func time(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64((seconds * 1e9).rounded()))
    }

    @Test func `a full bucket lets its burst go at once, then says how long to wait`() {
        var bucket = TokenBucket(rate: 2, burst: 3)
        let waits = (0..<6).map { _ in bucket.wait(for: bucket.reserve(at: time(0)), at: time(0)) }
        #expect(waits == [nil, nil, nil, .milliseconds(500), .seconds(1), .milliseconds(1500)])
    }

    @Test func `the burst is twice the rate where not given, and at least one`() {
        #expect(TokenBucket(rate: 5).tokens(at: time(0)) == 10)
        #expect(TokenBucket(rate: 0.2).tokens(at: time(0)) == 1)
        #expect(TokenBucket(rate: 0.2, burst: 0.1).tokens(at: time(0)) == 1)
    }

    @Test func `tokens come back with time and never beyond the burst`() {
        var bucket = TokenBucket(rate: 10, burst: 5)
        for _ in 0..<5 { #expect(bucket.take(at: time(1)) == true) }
        #expect(bucket.take(at: time(1)) == false)
        #expect(bucket.take(at: time(1.099)) == false)
        #expect(bucket.take(at: time(1.1)) == true)
        #expect(bucket.tokens(at: time(100)) == 5)
    }

    @Test func `taking what is not there changes nothing`() {
        var bucket = TokenBucket(rate: 1, burst: 1)
        #expect(bucket.take(at: time(0)) == true)
        for _ in 0..<100 { #expect(bucket.take(at: time(0.5)) == false) }
        #expect(bucket.take(at: time(1)) == true)
    }

    @Test(arguments: [(3.0, 6.0), (0.7, 1.0), (10.0, 20.0), (100.0, 1.0), (1.0 / 3.0, 4.0), (7.0, 2.5)])
    func `no window holds more than the burst and its share of the rate`(rate: Double, burst: Double) {
        var generator = SeededGenerator(seed: UInt64(rate * 100))
        var bucket = TokenBucket(rate: rate, burst: burst)
        var now: Int64 = 0
        var slots: [(time: Int64, tokens: Double)] = []
        for index in 0..<300 {
            now += Int64.random(in: 0...Int64(2e9 / rate), using: &generator) * (index % 3 == 0 ? 0 : 1)
            let late = MonotonicInstant(nanoseconds: now - Int64.random(in: 0...1_000_000, using: &generator))
            let tokens = burst >= 2 && index % 7 == 0 ? 2.0 : 1.0
            let wait = bucket.wait(for: bucket.reserve(tokens, at: late), at: late) ?? .zero
            slots.append(((late + wait).nanoseconds, tokens))
        }
        var worst = -Double.infinity
        for first in slots.indices {
            var tokens = 0.0
            for last in first..<slots.endIndex {
                #expect(last == first || slots[last].time >= slots[last - 1].time - 1_000_000)
                tokens += slots[last].tokens
                let seconds = Double(max(0, slots[last].time - slots[first].time)) / 1e9
                worst = max(worst, tokens - (max(burst, 1) + rate * seconds))
            }
        }
        // A reading of the clock that is late by a millisecond is not made up for.
        #expect(worst <= 0.001 * rate + 1e-6)
    }

    @Test(arguments: 0..<40)
    func `pauses and slots given back keep the promise and the order`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let (rate, burst) = (Double(1 + seed % 5), Double(1 + seed % 3))
        var bucket = TokenBucket(rate: rate, burst: burst)
        var pending: [TokenBucket.Reservation] = []
        var departures: [Int64] = []
        var now = time(0)
        for _ in 0..<300 {
            let later = now + .milliseconds(Int64.random(in: 0...900, using: &generator))
            while let first = pending.first {
                let slot = now + (bucket.wait(for: first, at: now) ?? .zero)
                guard slot <= later else { break }
                departures.append(slot.nanoseconds)
                pending.removeFirst()
            }
            now = later
            switch generator.next() % 12 {
            case 0: bucket.pause(until: now + .milliseconds(Int64.random(in: 0...4000, using: &generator)), at: now)
            case 1: if let last = pending.popLast() { bucket.giveBack(last) }
            default: pending.append(bucket.reserve(at: now))
            }
        }
        #expect(departures == departures.sorted())
        for first in departures.indices {
            for last in first..<departures.endIndex {
                let seconds = Double(departures[last] - departures[first]) / 1e9
                guard Double(last - first + 1) <= burst + rate * seconds + 1e-6 else {
                    Issue.record("\(last - first + 1) within \(seconds) s")
                    return
                }
            }
        }
    }

    @Test func `a clock that stands still serves the burst once`() {
        var bucket = TokenBucket(rate: 1000, burst: 10)
        var served = 0
        for _ in 0..<1000 where bucket.take(at: time(5)) { served += 1 }
        #expect(served == 10)
    }

    @Test func `steps of one nanosecond lose nothing`() {
        var bucket = TokenBucket(rate: 1_000_000, burst: 1)
        var served = 0
        for nanosecond in 0..<100_000 where bucket.take(at: MonotonicInstant(nanoseconds: Int64(nanosecond))) {
            served += 1
        }
        #expect(served == 100)
    }

    @Test func `a million tokens do not drift`() {
        var bucket = TokenBucket(rate: 3, burst: 1)
        var last: Duration?
        for _ in 0...1_000_000 { last = bucket.wait(for: bucket.reserve(at: time(0)), at: time(0)) }
        let drift = (last ?? .zero) - .seconds(1_000_000) / 3
        #expect(drift >= .zero && drift < .milliseconds(1))
    }

    @Test func `a pause holds new callers and moves those who wait, in their order`() {
        var bucket = TokenBucket(rate: 1, burst: 1)
        let first = bucket.reserve(at: time(0))
        let second = bucket.reserve(at: time(0))
        let third = bucket.reserve(at: time(0))
        bucket.pause(until: time(60.5), at: time(0.5))
        let fourth = bucket.reserve(at: time(1))
        #expect(bucket.pauseLeft(at: time(1)) == .milliseconds(59_500))
        let waits = [first, second, third, fourth].map { bucket.wait(for: $0, at: time(1)) }
        #expect(waits == [.milliseconds(59_500), .seconds(60), .seconds(61), .seconds(62)])
        #expect(bucket.pauseLeft(at: time(60.5)) == nil)
    }

    @Test func `a burst waiting for the end of a pause is still only a burst`() {
        var bucket = TokenBucket(rate: 1, burst: 2)
        bucket.pause(until: time(60), at: time(0))
        let waits = (0..<4).map { second in
            bucket.wait(for: bucket.reserve(at: time(Double(second) * 15)), at: time(0))
        }
        #expect(waits == [.seconds(60), .seconds(60), .seconds(61), .seconds(62)])
    }

    @Test func `a pause is made longer and never shorter`() {
        var bucket = TokenBucket(rate: 1, burst: 1)
        bucket.pause(until: time(10), at: time(0))
        let waiting = bucket.reserve(at: time(1))
        bucket.pause(until: time(5), at: time(2))
        #expect(bucket.wait(for: waiting, at: time(2)) == .seconds(8))
        bucket.pause(until: time(20), at: time(3))
        #expect(bucket.wait(for: waiting, at: time(3)) == .seconds(17))
        bucket.pause(until: time(3), at: time(4))
        #expect(bucket.pauseLeft(at: time(4)) == .seconds(16))
    }

    @Test func `no tokens come back during a pause`() {
        var bucket = TokenBucket(rate: 1, burst: 5)
        for _ in 0..<5 { #expect(bucket.take(at: time(0)) == true) }
        bucket.pause(until: time(100), at: time(0))
        #expect(bucket.tokens(at: time(100)) == 0)
        #expect(bucket.take(at: time(100)) == false)
        #expect(bucket.take(at: time(101)) == true)
    }

    @Test func `the last slot can be given back, an earlier one is lost`() {
        var bucket = TokenBucket(rate: 1, burst: 1)
        let first = bucket.reserve(at: time(0))
        let second = bucket.reserve(at: time(0))
        let third = bucket.reserve(at: time(0))
        bucket.giveBack(first)
        #expect(bucket.tokens(at: time(0)) == -2)
        bucket.giveBack(third)
        bucket.giveBack(second)
        #expect(bucket.tokens(at: time(0)) == 0)
        let next = bucket.reserve(at: time(0))
        #expect(bucket.wait(for: next, at: time(0)) == .seconds(1))
    }

    @Test func `a change of the rate grants nothing`() {
        var bucket = TokenBucket(rate: 1, burst: 4)
        #expect(bucket.take(3, at: time(0)) == true)
        bucket.update(rate: 100, burst: 200, at: time(0))
        #expect(bucket.tokens(at: time(0)) == 1)
        bucket.update(rate: 1, burst: 2, at: time(10))
        #expect(bucket.tokens(at: time(10)) == 2)
        for _ in 0..<50 { bucket.update(rate: 1, burst: 2, at: time(10)) }
        #expect(bucket.tokens(at: time(10)) == 2)
    }

    @Test(arguments: [10.0, 0.05])
    func `those who wait keep their slots when the rate changes, new ones come behind`(rate: Double) {
        var bucket = TokenBucket(rate: 0.1, burst: 1)
        let slots = (0...10).map { _ in bucket.reserve(at: time(0)) }
        bucket.update(rate: rate, burst: 1, at: time(1))
        #expect(bucket.wait(for: slots[10], at: time(1)) == .seconds(99))
        let next = bucket.wait(for: bucket.reserve(at: time(1)), at: time(1))
        #expect(next == .seconds(99) + .seconds(1 / rate))
    }

    @Test func `more than the burst begins from full and leaves a debt`() {
        var bucket = TokenBucket(rate: 1, burst: 2)
        let large = bucket.reserve(5, at: time(0))
        #expect(bucket.wait(for: large, at: time(0)) == nil)
        let next = bucket.reserve(at: time(0))
        #expect(bucket.wait(for: next, at: time(0)) == .seconds(4))
    }

    @Test(arguments: [0, -1, Double.nan, .infinity, -.infinity, 1e300, 1e-300])
    func `no rate or burst crashes it`(number: Double) {
        for burst in [number, 1, nil] {
            var bucket = TokenBucket(rate: number, burst: burst)
            for tokens in [1, number] { _ = bucket.wait(for: bucket.reserve(tokens, at: time(0)), at: time(0)) }
            bucket.pause(until: MonotonicInstant(nanoseconds: .max), at: MonotonicInstant(nanoseconds: .min))
            bucket.update(rate: 1 / number, burst: burst, at: time(1))
            _ = bucket.reserve(at: MonotonicInstant(nanoseconds: .max))
            _ = bucket.tokens(at: time(2))
        }
    }
}
