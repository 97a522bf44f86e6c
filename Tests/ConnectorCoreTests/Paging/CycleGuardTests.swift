import ConnectorCore
import Testing

struct CycleGuardTests {
    private func keys(_ numbers: some Sequence<Int>) -> [Hash128] {
        numbers.map { Hash128(high: 0, low: UInt64($0)) }
    }

    /// Whether the page is known; else it is remembered.
    private func sees(_ guardian: inout CycleGuard, _ page: [Hash128]) -> Bool {
        if guardian.knows(page) { return true }
        guardian.note(page)
        return false
    }

    @Test func `new pages pass`() {
        var guardian = CycleGuard()
        for page in 0..<50 { #expect(sees(&guardian, keys(page * 10..<page * 10 + 10)) == false) }
    }

    @Test func `the same page again is seen`() {
        var guardian = CycleGuard()
        #expect(sees(&guardian, keys(1...3)) == false)
        #expect(sees(&guardian, keys(1...3)) == true)
        #expect(sees(&guardian, keys(2...2)) == true)
    }

    @Test func `an overlap is no repetition`() {
        var guardian = CycleGuard()
        #expect(sees(&guardian, keys(1...3)) == false)
        #expect(sees(&guardian, keys(3...5)) == false)
    }

    @Test func `an empty page is never a repetition`() {
        var guardian = CycleGuard()
        #expect(sees(&guardian, []) == false)
        #expect(sees(&guardian, []) == false)
    }

    @Test func `a list that begins again is seen at its first page`() {
        var guardian = CycleGuard()
        for page in 0..<9 { #expect(sees(&guardian, keys(page * 3..<page * 3 + 3)) == false) }
        #expect(sees(&guardian, keys(0..<3)) == true)
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
        while page < 500, !sees(&guardian, content(page)) { page += 1 }
        #expect(page < 120)
    }
}
