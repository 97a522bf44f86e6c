import ConnectorCore
import Testing

struct EventJudgeTests {
    private static let key = ContentHash.hash(Array("1".utf8))

    private func change(
        _ content: String,
        version: Int64? = nil,
        number: Int64 = 1,
        arrived: Int64 = 0,
        action: WebhookEffect.Action = .upsert
    ) throws -> EventChange {
        let url = try #require(URLReference("https://a.example"))
        var connector = ConnectorDefinition(name: "acme", baseURL: url, streams: [])
        connector.webhook = WebhookRule(
            scheme: .stripe(),
            version: WebhookRule.Version(field: ["at"], format: .unix),
            object: ["o"],
            effects: [WebhookEffect("*", action: action, stream: "s")]
        )
        let at = version.map { ",\"at\":\($0)" } ?? ""
        let bytes = Array("{\"o\":{\"id\":1,\"content\":\"\(content)\"}\(at)}".utf8)
        let event = WaitingEvent(number: number, id: nil, type: "x", at: Instant(seconds: arrived), bytes: bytes)
        let reader = try #require(EventReader(connector))
        return try #require(try reader.effect(of: event).change)
    }

    private func judge(known: DeliveredRecord? = nil, last: EventVersion? = nil, format: CursorFormat = .unix)
        -> EventJudge
    {
        EventJudge(
            known: known.map { [Self.key: $0] } ?? [:],
            versions: last.map { [Self.key: $0] } ?? [:],
            generation: 3,
            version: WebhookRule.Version(field: ["at"], format: format)
        )
    }

    private func record(cursor seconds: Int64, content: Hash128 = Hash128(high: 0, low: 0)) -> DeliveredRecord {
        DeliveredRecord(key: Self.key, content: content, cursor: seconds * 1_000_000_000, generation: 2, keyText: "1")
    }

    private func version(_ seconds: Int64, isDeleted: Bool = false) -> EventVersion {
        EventVersion(key: Self.key, version: seconds * 1_000_000_000, isDeleted: isDeleted)
    }

    @Test func `news are written and remembered`() throws {
        var judge = judge()
        #expect(try judge.judge(change("a", version: 5)) == .write)
        #expect(judge.outcome.remember.map(\.cursor) == [5_000_000_000])
        #expect(judge.outcome.remember.map(\.generation) == [3])
        #expect(judge.outcome.versions == [version(5)])
        #expect(judge.outcome.forget == [])
    }

    @Test func `what the sink has already is not written again`() throws {
        let change = try change("a", version: 5)
        var judge = judge(known: record(cursor: 1, content: change.content))
        #expect(judge.judge(change) == .same)
        #expect(judge.outcome.versions == [version(5)])
    }

    @Test(arguments: [(Int64(4), EventJudge.Verdict.stale), (5, .write), (6, .write)])
    func `an event older than the last one is left out`(at: Int64, verdict: EventJudge.Verdict) throws {
        var judge = judge(last: version(5))
        #expect(try judge.judge(change("a", version: at)) == verdict)
    }

    @Test(arguments: [(Int64(4), EventJudge.Verdict.stale), (5, .write), (6, .write)])
    func `an event older than what a list brought is left out`(at: Int64, verdict: EventJudge.Verdict) throws {
        var judge = judge(known: record(cursor: 5))
        #expect(try judge.judge(change("a", version: at)) == verdict)
    }

    @Test func `a list's value that lies in the future is no time of a change`() throws {
        var judge = judge(known: record(cursor: 5_000_000_000))
        #expect(try judge.judge(change("a", version: 5)) == .write)
        #expect(!judge.isUnsure)
    }

    @Test func `a deletion that looks older than what a list brought is written, and the list is asked`() throws {
        var judge = judge(known: record(cursor: 5))
        #expect(try judge.judge(change("a", version: 4, action: .delete)) == .write)
        #expect(judge.isUnsure)
    }

    @Test func `a list's finer times don't outdo an event of the same second`() throws {
        let record = DeliveredRecord(
            key: Self.key,
            content: Hash128(high: 0, low: 0),
            cursor: 5_999_999_999,
            generation: 2,
            keyText: "1"
        )
        var judge = judge(known: record)
        #expect(try judge.judge(change("a", version: 5)) == .write)
    }

    @Test func `a deletion is written once, and is not undone by a late event`() throws {
        var judge = judge(known: record(cursor: 1))
        #expect(try judge.judge(change("a", version: 5, action: .delete)) == .write)
        #expect(try judge.judge(change("a", version: 6, action: .delete)) == .same)
        #expect(try judge.judge(change("a", version: 4)) == .stale)
        #expect(judge.outcome.remember == [])
        #expect(judge.outcome.forget == [Self.key])
        #expect(judge.outcome.versions == [version(6, isDeleted: true)])
    }

    @Test func `a deletion of what never came is told`() throws {
        var judge = judge()
        #expect(try judge.judge(change("a", version: 5, action: .delete)) == .write)
    }

    @Test func `what is made again after its deletion is written`() throws {
        var judge = judge(last: version(5, isDeleted: true))
        #expect(try judge.judge(change("a", version: 5)) == .write)
        #expect(judge.outcome.versions == [version(5)])
    }

    @Test func `events of one batch see those before them`() throws {
        var judge = judge()
        #expect(try judge.judge(change("a", version: 5)) == .write)
        #expect(try judge.judge(change("b", version: 5)) == .write)
        #expect(try judge.judge(change("b", version: 6)) == .same)
        #expect(try judge.judge(change("a", version: 3)) == .stale)
        #expect(judge.outcome.remember.count == 1)
    }

    @Test(arguments: [(Int64(6), "b", false), (5, "a", false), (5, "b", true)])
    func `two events of one instant that differ leave a doubt`(at: Int64, content: String, isUnsure: Bool) throws {
        var judge = judge()
        #expect(try judge.judge(change("a", version: 5)) == .write)
        _ = try judge.judge(change(content, version: at))
        #expect(judge.isUnsure == isUnsure)
    }

    @Test func `a version that the disk changed says nothing, and leaves a doubt`() throws {
        var damaged = version(50)
        damaged.isDamaged = true
        var judge = judge(last: damaged)
        #expect(try judge.judge(change("a", version: 5)) == .write)
        #expect(judge.isUnsure && judge.outcome.versions == [version(5)])
    }

    @Test func `a deletion in the same instant leaves a doubt`() throws {
        var judge = judge(last: version(5, isDeleted: true))
        #expect(try judge.judge(change("a", version: 5)) == .write)
        #expect(judge.isUnsure)
    }

    @Test func `without a version the order of arrival counts`() throws {
        var judge = judge(known: record(cursor: 5))
        #expect(try judge.judge(change("a", number: 1)) == .write)
        #expect(try judge.judge(change("b", number: 2)) == .write)
        #expect(judge.outcome.remember.map(\.cursor) == [5_000_000_000])
        #expect(judge.outcome.versions.map(\.version) == [0])
    }

    @Test func `a deletion that bears no time is as new as its arrival`() throws {
        var judge = judge(known: record(cursor: 5))
        #expect(try judge.judge(change("", arrived: 9, action: .delete)) == .write)
        #expect(try judge.judge(change("late", version: 8)) == .stale)
        #expect(try judge.judge(change("made anew", version: 10)) == .write)
        #expect(judge.outcome.versions == [version(10)])
    }

    @Test func `a deletion without the number that orders events keeps the last one`() throws {
        var judge = judge(last: EventVersion(key: Self.key, version: 7, isDeleted: false), format: .integer)
        #expect(try judge.judge(change("", number: 99, arrived: 9, action: .delete)) == .write)
        #expect(judge.outcome.versions == [EventVersion(key: Self.key, version: 7, isDeleted: true)])
    }
}
