import ConnectorCore
import Testing

struct WalkPositionTests {
    @Test func `a walk survives the state file`() {
        let walk = WalkPosition(
            kind: .full,
            lower: .min,
            upper: .max,
            position: .token("a\"b"),
            started: 3,
            highest: 9,
            lowest: -9,
            isUnordered: true,
            pass: 4,
            fresh: 5,
            sweepFresh: 6,
            windowEnd: 7,
            frontier: 8
        )
        #expect(WalkPosition(encoded: walk.encoded) == walk)
        #expect(WalkPosition(encoded: WalkPosition(kind: .incremental).encoded) == WalkPosition(kind: .incremental))
    }

    @Test(arguments: [
        "", "null", "{}", #"{"kind":"sideways","position":["first"]}"#, #"{"kind":"full","position":[7]}"#,
    ])
    func `text that no version wrote is no walk`(text: String) {
        #expect(WalkPosition(encoded: text) == nil)
    }

    @Test func `the query ends at the nearest of its bounds`() {
        #expect(WalkPosition(kind: .incremental).queryUpper == nil)
        #expect(WalkPosition(kind: .incremental, upper: 9).queryUpper == 9)
        #expect(WalkPosition(kind: .incremental, upper: 9, windowEnd: 5).queryUpper == 5)
        #expect(WalkPosition(kind: .incremental, upper: 9, windowEnd: 5, frontier: 3).queryUpper == 3)
        #expect(WalkPosition(kind: .incremental, frontier: 3).queryUpper == 3)
    }
}
