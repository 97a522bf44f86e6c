import ConnectorCore
import Testing

/// What whoever reads a list holds to, whatever the server does at its end.
@Suite(.timeLimit(.minutes(2)))
struct ListEndConformanceTests {
    private static func lists(_ styles: [PagingRule.Style], _ change: (inout LyingList) -> Void) -> [LyingList] {
        styles.map { style in
            var list = LyingList()
            list.style = style
            change(&list)
            return list
        }
    }

    private static let counted = [PagingRule.Style.page, .offset]

    private static let whole: [LyingList] =
        LyingList.End.allCases.flatMap { end in lists(counted) { $0.end = end } }
        + LyingList.End.allCases.flatMap { end in
            lists(counted) {
                $0.end = end
                $0.count = 5
            }
        }
        + [.absolute, .rootRelative, .pathRelative, .queryOnly].flatMap { link in
            lists([.link]) { $0.link = link }
        }
        // A bad moment.
        + [404, 416, 500, 503].flatMap { status in lists(counted) { $0.fault = .once(status) } }
        + lists(counted) { $0.fault = .emptyOnce }
        // Words that are not kept.
        + lists(counted) { $0.more = false }
        + lists(counted) { $0.total = 6 }
        + lists(counted) { $0.total = 2 }
        + lists(counted) {
            $0.declaredSize = 5
            $0.count = 8
        }
        + lists(counted) {
            $0.declaredSize = 5
            $0.count = 12
            $0.shortPage = .end
        }

    @Test(arguments: whole, ListReader.allCases)
    func `a list is read whole, however it ends`(list: LyingList, reader: ListReader) async throws {
        let reading = try await reader.read(list)
        #expect(reading.problem == nil)
        #expect(reading.ids == Array(1...list.count))
    }

    private static let broken: [LyingList] =
        // An error in the middle is no end.
        [400, 403, 404, 416, 500].flatMap { status in
            lists(counted) {
                $0.fault = .always(status)
                $0.total = 6
            }
        }
        + lists(counted) { $0.fault = .firstPage }
        + lists(counted) { $0.total = 9 }
        + lists([.link]) { $0.link = .foreign }
        + lists([.link]) {
            $0.link = .backwards
            $0.count = 8
        }
        + lists([.link]) { $0.fault = .always(404) }

    @Test(arguments: broken, ListReader.allCases)
    func `a list that can't be read whole says so, and soon`(list: LyingList, reader: ListReader) async throws {
        let reading = try await reader.read(list)
        #expect(reading.problem != nil, "\(reading.ids)")
        #expect(Set(reading.ids).count == reading.ids.count)
        #expect(reading.requests < 40)
    }

    @Test(arguments: broken)
    func `a program is told in its own words`(list: LyingList) async throws {
        let problem = try await ListReader.sdk.read(list).problem ?? ""
        for word in ["definition", "cursor", "`", "reload", "next sync", " run"] {
            #expect(!problem.contains(word), "\(problem)")
        }
    }

    @Test(arguments: [LyingList.End.emptyArray, .notFound])
    func `an end that only an answer without records tells is asked twice`(end: LyingList.End) async throws {
        var list = LyingList()
        list.end = end
        for reader in ListReader.allCases {
            list.style = .offset
            let twice = try await reader.read(list).requests
            list.count = 5
            let once = try await reader.read(list).requests
            #expect(twice > once, "\(reader)")
            list.count = 6
        }
    }
}
