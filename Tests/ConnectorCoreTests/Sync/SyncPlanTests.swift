import ConnectorCore
import Testing

struct SyncPlanTests {
    private func plan(
        _ style: PagingRule.Style,
        _ order: CursorRule.Order?,
        upper: Bool = false,
        format: CursorFormat = .unix,
        anchor: PagingRule.Anchor = .server
    ) throws -> SyncPlan {
        let filter = [QueryTemplate("since", Template(literal: "x"))]
        let cursor = order.map {
            CursorRule(fields: [["t"]], format: format, order: $0, lower: filter, upper: upper ? filter : [])
        }
        let paging = PagingRule(style: style, field: style == .afterLast ? ["id"] : nil, anchor: anchor)
        let base = try #require(URLReference("https://api.example/"))
        return SyncPlan(
            stream: StreamID(connector: "shop", stream: "orders"),
            paging: paging,
            cursor: cursor,
            base: base
        )
    }

    @Test func `keysets in the cursor's order need no more than ties`() throws {
        #expect(try plan(.afterLast, .descending, upper: true).memory() == .ties)
        var keyed = try plan(.afterLast, .ascending)
        keyed.paging.field = ["t"]
        #expect(keyed.memory() == .ties)
        #expect(try plan(.none, .ascending).memory() == .ties)
    }

    @Test func `everything else remembers every record`() throws {
        #expect(try plan(.afterLast, nil).memory() == .all)
        #expect(try plan(.afterLast, CursorRule.Order.none).memory() == .all)
        #expect(try plan(.afterLast, .descending).memory() == .all)
        #expect(try plan(.token, .ascending).memory() == .all)
        #expect(try plan(.link, .descending, upper: true).memory() == .all)
        #expect(try plan(.offset, .ascending, anchor: .cursor).memory() == .all)
        var target = try plan(.none, .ascending)
        target.isFeedTarget = true
        #expect(target.memory() == .all)
        var feed = try plan(.none, .ascending)
        feed.isFeed = true
        #expect(feed.memory() == .all)
        var resync = try plan(.none, .ascending)
        resync.resync = .seconds(60)
        #expect(resync.memory() == .all)
    }

    @Test func `a keyset that broke its order, or outgrew its ties, remembers every record`() throws {
        var evidence = StreamEvidence()
        evidence.order = .broken
        #expect(try plan(.none, .ascending).memory(evidence) == .all)
        evidence.order = .held
        evidence.remembersAll = true
        #expect(try plan(.none, .ascending).memory(evidence) == .all)
    }

    @Test func `pages that may shift hold the cursor until they are followed by the cursor`() throws {
        #expect(Machine.make(try plan(.page, .descending)).holdsCursor)
        #expect(Machine.make(try plan(.token, .descending)).holdsCursor)
        #expect(!Machine.make(try plan(.page, .ascending, anchor: .cursor)).holdsCursor)
        #expect(Machine.make(try plan(.page, .ascending, anchor: .cursor), evidence: StreamEvidence()).holdsCursor)
        #expect(!Machine.make(try plan(.afterLast, .descending)).holdsCursor)
    }

    @Test func `a key in a list that ascends by something else is followed by the cursor`() throws {
        #expect(try plan(.afterLast, .ascending).canAnchor)
        #expect(try !plan(.afterLast, .descending).canAnchor)
        var keyed = try plan(.afterLast, .ascending)
        keyed.paging.field = ["t"]
        #expect(!keyed.canAnchor)
        #expect(!keyed.mayShift)
    }

    @Test func `numbers in no order tell nothing of what was written meanwhile`() throws {
        #expect(Machine.make(try plan(.none, CursorRule.Order.none, format: .integer)).holdsCursor)
        #expect(!Machine.make(try plan(.none, CursorRule.Order.none)).holdsCursor)
    }
}
