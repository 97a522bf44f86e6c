import ConnectorCore
import Testing

struct KeysetWatchTests {
    private func isSorted(_ values: [String], by steps: Int) -> Bool {
        var watch = KeysetWatch()
        for (before, after) in zip(values, values.dropFirst()) { watch.note(before, after) }
        return watch.isSorted(by: steps)
    }

    @Test func `values that always rise or always fall show a list's order`() {
        #expect(isSorted(["9", "10", "11"], by: 2))
        #expect(isSorted(["\"c\"", "\"b\"", "\"a\""], by: 2))
    }

    @Test func `few values show nothing, and one against the others shows disorder`() {
        #expect(!isSorted(["9", "10", "11"], by: 3))
        #expect(!isSorted(["9", "10", "8", "11"], by: 2))
    }
}
