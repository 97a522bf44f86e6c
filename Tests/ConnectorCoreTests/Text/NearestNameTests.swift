import ConnectorCore
import Testing

struct NearestNameTests {
    private static let names = ["schedule", "streams", "base_url", "max_pages", "api_key"]

    @Test(arguments: [
        ("shcedule", "schedule"), ("Schedule", "schedule"), ("stream", "streams"), ("baseurl", "base_url"),
        ("base-url", "base_url"), ("maxpages", "max_pages"), ("apikey", "api_key"), ("max_paegs", "max_pages"),
        ("zzz", nil), ("", nil), ("x", nil), (String(repeating: "s", count: 1000), nil),
    ])
    func `a slip finds the name that was meant`(written: String, meant: String?) {
        #expect(NearestName.of(written, among: Self.names) == meant)
    }

    @Test(arguments: [("", "", 0), ("abc", "", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3)])
    func `distance counts edits`(left: String, right: String, edits: Int) {
        #expect(NearestName.distance(Array(left), Array(right)) == edits)
    }
}
