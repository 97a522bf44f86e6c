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
        #expect(try plan(.token, .ascending).memory == .ties)
        #expect(try plan(.token, .descending, upper: true).memory == .ties)
        #expect(try plan(.offset, .ascending, anchor: .cursor).memory == .ties)
    }

    @Test func `everything else remembers every record`() throws {
        #expect(try plan(.token, nil).memory == .all)
        #expect(try plan(.token, CursorRule.Order.none).memory == .all)
        #expect(try plan(.token, .descending).memory == .all)
        #expect(try plan(.offset, .ascending).memory == .all)
        var target = try plan(.token, .ascending)
        target.isFeedTarget = true
        #expect(target.memory == .all)
        var feed = try plan(.token, .ascending)
        feed.isFeed = true
        #expect(feed.memory == .all)
        var resync = try plan(.token, .ascending)
        resync.resync = .seconds(60)
        #expect(resync.memory == .all)
    }

    @Test func `pages that drift hold the cursor`() throws {
        #expect(try plan(.page, .descending).holdsCursor)
        #expect(try !plan(.page, .ascending, anchor: .cursor).holdsCursor)
        #expect(try !plan(.token, .descending).holdsCursor)
    }

    @Test func `a key in a list that ascends by something else is followed by the cursor`() throws {
        #expect(try plan(.afterLast, .ascending).isAnchoredOnCursor)
        #expect(try !plan(.afterLast, .descending).isAnchoredOnCursor)
        var keyed = try plan(.afterLast, .ascending)
        keyed.paging.field = ["t"]
        #expect(!keyed.isAnchoredOnCursor)
        #expect(!keyed.holdsCursor)
    }

    @Test func `numbers in no order tell nothing of what was written meanwhile`() throws {
        #expect(try plan(.token, CursorRule.Order.none, format: .integer).holdsCursor)
        #expect(try !plan(.token, CursorRule.Order.none).holdsCursor)
    }
}
