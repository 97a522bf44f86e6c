import ConnectorCore
import Testing

/// A change of a stream's definition, and what becomes of its state.
struct PlanChange: Sendable, CustomTestStringConvertible {
    var name: String
    var before: @Sendable (inout StreamDefinition) -> Void = { _ in }
    var change: @Sendable (inout StreamDefinition) -> Void
    /// The value of `${settings.company}` afterwards.
    var company = "acme"
    var parts: Set<PlanFingerprint.Part>
    var keepsCursor = true
    var keepsWalk = false
    var keepsEvidence = false
    var forgetting = Forgetting.nothing
    var remembersAll = false

    var testDescription: String { name }

    /// Behind the cursor of 100 s there is a lookback of 10 s.
    static let behindReach = Forgetting.behind(90 * Machine.second)

    static let all: [PlanChange] = [
        PlanChange(
            name: "another key",
            change: { $0.key = [["number"]] },
            parts: [.key],
            keepsCursor: false,
            forgetting: .everything
        ),
        PlanChange(
            name: "the record is inside of its element",
            change: { $0.record = ["node"] },
            parts: [.key, .cursor],
            keepsCursor: false,
            forgetting: .everything
        ),
        PlanChange(
            name: "records say that they are gone",
            change: { $0.deleted = DeletedRule(field: ["gone"]) },
            parts: [.deleted],
            keepsCursor: false,
            forgetting: .everything
        ),
        PlanChange(
            name: "another key of a list without a cursor",
            before: whole,
            change: { $0.key = [["a"], ["b"]] },
            parts: [.key],
            keepsCursor: false,
            forgetting: .everything
        ),
        PlanChange(
            name: "another company",
            before: { $0.query = [company] },
            change: { _ in },
            company: "emca",
            parts: [.settings],
            keepsCursor: false,
            forgetting: .ties
        ),
        PlanChange(
            name: "another company where every record is known",
            before: { stream in
                swept(&stream)
                stream.query = [company]
            },
            change: { _ in },
            company: "emca",
            parts: [.settings],
            keepsCursor: false,
            forgetting: .cursorValues
        ),
        PlanChange(
            name: "an earlier start",
            before: { $0.cursor?.start = 50 },
            change: { $0.cursor?.start = 40 },
            parts: [.start],
            keepsCursor: false,
            keepsEvidence: true,
            forgetting: .ties
        ),
        PlanChange(
            name: "a later start",
            before: { $0.cursor?.start = 50 },
            change: { $0.cursor?.start = 60 },
            parts: [.start],
            keepsWalk: true,
            keepsEvidence: true
        ),
        PlanChange(
            name: "another cursor field",
            change: { $0.cursor?.fields = [["made"]] },
            parts: [.cursor],
            keepsCursor: false,
            forgetting: .ties
        ),
        PlanChange(
            name: "another cursor field where every record is known",
            before: swept,
            change: { $0.cursor?.fields = [["made"]] },
            parts: [.cursor],
            keepsCursor: false,
            forgetting: .cursorValues
        ),
        PlanChange(
            name: "another format of the cursor",
            change: { $0.cursor?.format = .iso8601 },
            parts: [.format],
            keepsCursor: false,
            forgetting: .ties
        ),
        PlanChange(
            name: "a cursor that is a number now",
            before: swept,
            change: { $0.cursor?.format = .integer },
            parts: [.format],
            keepsCursor: false,
            forgetting: .cursorValues
        ),
        PlanChange(
            name: "a cursor where there was none",
            before: whole,
            change: tied,
            parts: [.cursor, .format, .order, .paging, .memory],
            keepsCursor: false,
            remembersAll: true
        ),
        PlanChange(
            name: "no cursor any more",
            change: whole,
            parts: [.cursor, .format, .order, .paging, .memory],
            keepsCursor: false,
            forgetting: .cursorValues
        ),
        PlanChange(name: "another order", change: { $0.cursor?.order = .none }, parts: [.order, .memory]),
        PlanChange(
            name: "another style of pages",
            change: { $0.paging = PagingRule(style: .page, parameter: "page") },
            parts: [.paging, .memory]
        ),
        PlanChange(
            name: "other pages of the same memory",
            before: whole,
            change: { $0.paging.size = 7 },
            parts: [.paging]
        ),
        PlanChange(
            name: "pages without drift",
            before: { $0.paging = PagingRule(style: .page, parameter: "page") },
            change: { $0.paging = PagingRule(style: .none) },
            parts: [.paging, .memory],
            forgetting: behindReach
        ),
        PlanChange(name: "another path", change: { $0.path = Template(literal: "/v2/orders") }, parts: [.request]),
        PlanChange(
            name: "another filter",
            change: { $0.query = [QueryTemplate("state", Template(literal: "paid"))] },
            parts: [.request]
        ),
        PlanChange(
            name: "another comparison",
            change: { $0.comparison = .members },
            parts: [.comparison],
            keepsWalk: true,
            keepsEvidence: true
        ),
        PlanChange(
            name: "resync added",
            change: { $0.resync = .seconds(60) },
            parts: [.resync, .memory],
            keepsEvidence: true
        ),
        PlanChange(
            name: "resync removed",
            before: { $0.resync = .seconds(60) },
            change: { $0.resync = nil },
            parts: [.resync, .memory],
            keepsEvidence: true,
            forgetting: behindReach
        ),
        PlanChange(
            name: "a feed delivers into it",
            change: { $0.isFeedTarget = true },
            parts: [.target, .memory],
            keepsEvidence: true
        ),
        PlanChange(
            name: "no feed delivers into it any more",
            before: { $0.isFeedTarget = true },
            change: { $0.isFeedTarget = false },
            parts: [.target, .memory],
            keepsEvidence: true,
            forgetting: behindReach
        ),
        PlanChange(
            name: "it is a feed now",
            change: { $0.feed = feed },
            parts: [.feed, .memory],
            keepsCursor: false,
            forgetting: .everything
        ),
        PlanChange(
            name: "it is no feed any more",
            before: { $0.feed = feed },
            change: { $0.feed = nil },
            parts: [.feed, .memory],
            keepsCursor: false,
            forgetting: .everything
        ),
    ]

    private static let feed = FeedRule(object: ["o"], key: ["o", "id"], type: ["t"], routes: [:], deletes: [])

    @Sendable private static func tied(_ stream: inout StreamDefinition) {
        stream.paging = PagingRule(style: .none)
        stream.cursor = Machine.cursor(.ascending, lookback: 10)
    }

    /// Every record is remembered, since a resync asks for it.
    @Sendable private static func swept(_ stream: inout StreamDefinition) { stream.resync = .seconds(60) }

    @Sendable private static func whole(_ stream: inout StreamDefinition) {
        stream.paging = PagingRule(style: .page, parameter: "page", size: 100)
        stream.cursor = nil
    }

    /// A parameter with the connector file's company.
    static var company: QueryTemplate {
        guard let template = Template("${settings.company}") else { preconditionFailure("the template is a constant") }
        return QueryTemplate("company", template)
    }

    static func stream(_ change: (inout StreamDefinition) -> Void) -> StreamDefinition {
        var stream = StreamDefinition(id: Machine.stream, path: Template(literal: "/orders"))
        tied(&stream)
        change(&stream)
        return stream
    }
}

struct PlanMigrationTests {
    private func fingerprint(_ stream: StreamDefinition, company: String = "acme") throws -> PlanFingerprint {
        let base = try #require(URLReference("https://api.example/v1"))
        return PlanFingerprint(stream, base: base, settings: ["settings.company": .string(company)])
    }

    @Test(arguments: PlanChange.all)
    func `each change of a plan leaves of the state what can still be trusted`(_ row: PlanChange) throws {
        var stream = PlanChange.stream(row.before)
        let before = try fingerprint(stream)
        row.change(&stream)
        let after = try fingerprint(stream, company: row.company)
        var state = StreamState(cursor: 100 * Machine.second, walk: "w", generation: 4)
        (state.lastFullWalk, state.evidence, state.fingerprint) = (Instant(seconds: 5), "e", before.encoded)
        let migration = try #require(PlanMigration(state, to: after, cursor: stream.cursor))
        #expect(Set(migration.changes) == row.parts)
        #expect(migration.state.cursor == (row.keepsCursor ? state.cursor : nil))
        #expect(migration.state.walk == (row.keepsWalk ? "w" : nil))
        #expect(migration.state.evidence == (row.keepsEvidence ? "e" : nil))
        #expect(migration.forgetting == row.forgetting)
        #expect(migration.remembersAll == row.remembersAll)
        // Walks are numbered on, so that what a later one sees is told from what an earlier one saw.
        #expect(migration.state.generation == 4)
        #expect(migration.state.fingerprint == after.encoded)
        #expect(!migration.words.isEmpty)
        #expect(PlanMigration(migration.state, to: after, cursor: stream.cursor) == nil)
    }

    @Test func `every part of a plan has a row`() {
        #expect(Set(PlanChange.all.flatMap(\.parts)) == Set(PlanFingerprint.Part.allCases))
    }

    @Test(arguments: [nil, "", "{}", "[1]", "{\"weather\":\"fair\"}"])
    func `a state of an unknown plan is adopted as it is`(_ text: String?) throws {
        let stream = PlanChange.stream { _ in }
        let state = StreamState(cursor: 1, walk: "w", fingerprint: text)
        #expect(PlanMigration(state, to: try fingerprint(stream), cursor: stream.cursor) == nil)
    }

    @Test func `what does not concern the state changes nothing`() throws {
        var stream = PlanChange.stream { $0.resync = .seconds(60) }
        let before = try fingerprint(stream)
        stream.resync = .seconds(90)
        stream.schedule = .every(.seconds(7), jitter: .zero)
        stream.sink = "http"
        stream.cursor?.lookback = 3
        #expect(try fingerprint(stream) == before)
        #expect(PlanFingerprint(encoded: before.encoded) == before)
    }

    @Test func `a list that was never read to its end is remembered whole where ties would do`() throws {
        let before = try fingerprint(PlanChange.stream { $0.resync = .seconds(60) })
        let stream = PlanChange.stream { _ in }
        let state = StreamState(fingerprint: before.encoded)
        let migration = try #require(PlanMigration(state, to: try fingerprint(stream), cursor: stream.cursor))
        #expect(migration.remembersAll && migration.forgetting == .nothing)
    }
}
