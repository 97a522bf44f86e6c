import ConnectorCore
import Testing

struct CycleGuardTests {
    private func keys(_ numbers: some Sequence<Int>) -> [Hash128] {
        numbers.map { Hash128(high: 0, low: UInt64($0)) }
    }

    @Test func `new pages pass`() {
        var guardian = CycleGuard()
        for page in 0..<50 { #expect(guardian.hasSeen(keys(page * 10..<page * 10 + 10)) == false) }
    }

    @Test func `the same page again is seen`() {
        var guardian = CycleGuard()
        #expect(guardian.hasSeen(keys(1...3)) == false)
        #expect(guardian.hasSeen(keys(1...3)) == true)
        #expect(guardian.hasSeen(keys(2...2)) == true)
    }

    @Test func `an overlap is no repetition`() {
        var guardian = CycleGuard()
        #expect(guardian.hasSeen(keys(1...3)) == false)
        #expect(guardian.hasSeen(keys(3...5)) == false)
    }

    @Test func `an empty page is never a repetition`() {
        var guardian = CycleGuard()
        #expect(guardian.hasSeen([]) == false)
        #expect(guardian.hasSeen([]) == false)
    }

    @Test func `a list that begins again is seen at its first page`() {
        var guardian = CycleGuard()
        for page in 0..<9 { #expect(guardian.hasSeen(keys(page * 3..<page * 3 + 3)) == false) }
        #expect(guardian.hasSeen(keys(0..<3)) == true)
    }

    @Test(arguments: 1...20)
    func `a cycle of any length is found`(length: Int) {
        var guardian = CycleGuard()
        var page = 0
        // Twenty pages lead into the cycle, which never shows the first page again.
        func content(_ page: Int) -> [Hash128] {
            let place = page < 20 ? page : 20 + (page - 20) % length
            return keys(place * 2..<place * 2 + 2)
        }
        while page < 500, !guardian.hasSeen(content(page)) { page += 1 }
        #expect(page < 120)
    }
}
