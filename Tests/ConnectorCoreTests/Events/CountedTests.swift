import ConnectorCore
import Testing

struct CountedTests {
    @Test(arguments: [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (-1, "-1 pages")])
    func `one thing has no plural`(count: Int, text: String) {
        #expect(Counted.text(count, "page") == text)
    }
}
