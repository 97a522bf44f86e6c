import ConnectorCore

/// Builders for tests of `SyncMachine`: seconds and small numbers instead of instants and hashes.
enum Machine {
    static let stream = StreamID(connector: "shop", stream: "orders")
    static let second: Int64 = 1_000_000_000

    static func cursor(
        _ order: CursorRule.Order,
        upper: Bool = false,
        lookback: Int64 = 0,
        startsNow: Bool = false
    ) -> CursorRule {
        let filter = [QueryTemplate("since", Template(literal: "x"))]
        return CursorRule(
            fields: [["t"]],
            format: .unix,
            order: order,
            lower: filter,
            upper: upper ? filter : [],
            lookback: lookback * second,
            startsNow: startsNow
        )
    }

    static func plan(_ cursor: CursorRule?, paging: PagingRule = keyset) -> SyncPlan {
        guard let base = URLReference("https://api.example/list") else { preconditionFailure("a constant") }
        return SyncPlan(stream: stream, paging: paging, cursor: cursor, base: base)
    }

    /// Pages behind the last record's cursor value.
    static let keyset = PagingRule(style: .afterLast, field: ["t"], more: ["more"])

    /// What is known of a source that was seen to keep to its definition.
    static var proven: StreamEvidence {
        var evidence = StreamEvidence()
        evidence.order = .held
        evidence.declaredEnd = .held
        (evidence.filter, evidence.hasNoPageBefore) = (.held, true)
        evidence.pagesDiffer = true
        evidence.hasCursorValues = true
        evidence.largestPage = 100
        return evidence
    }

    /// `evidence` counts where the state has none.
    static func make(
        _ plan: SyncPlan,
        state: StreamState? = nil,
        evidence: StreamEvidence = proven,
        ties: [DeliveredRecord] = [],
        options: SyncOptions = SyncOptions(),
        limits: SyncLimits = SyncLimits(),
        now: Int64 = 1_000
    ) -> SyncMachine {
        var row = state ?? StreamState()
        row.evidence = row.evidence ?? evidence.encoded
        return SyncMachine(
            plan: plan,
            state: row,
            ties: ties,
            runID: "run",
            options: options,
            limits: limits,
            now: Instant(seconds: now),
            at: MonotonicInstant(nanoseconds: 0)
        )
    }

    /// A record `key` at second `time` with content `content`.
    static func head(_ key: UInt64, at time: Int64? = nil, content: UInt64 = 1, known: DeliveredRecord? = nil)
        -> RecordHead
    {
        RecordHead(
            key: Hash128(high: 0, low: key),
            content: Hash128(high: 1, low: content),
            cursor: time.map { $0 * second },
            keyText: String(key),
            known: known
        )
    }

    static func record(_ key: UInt64, at time: Int64 = 0, content: UInt64 = 1, generation: Int64 = 0) -> DeliveredRecord
    {
        DeliveredRecord(
            key: Hash128(high: 0, low: key),
            content: Hash128(high: 1, low: content),
            cursor: time * second,
            generation: generation,
            keyText: String(key)
        )
    }

    static func page(_ records: RecordHead..., next: String? = nil) -> PageHeads {
        PageHeads(records: records, facts: facts(records.count, next))
    }

    static func facts(_ count: Int, _ next: String?) -> PageFacts {
        PageFacts(count: count, lastField: next, more: next != nil, next: next)
    }
}

extension SyncMachine {
    mutating func page(_ records: RecordHead..., next: String? = nil, now: Int64 = 1_000) -> [SyncAction] {
        pageArrived(PageHeads(records: records, facts: Machine.facts(records.count, next)), now: Instant(seconds: now))
    }

    mutating func written(_ bytes: Int64 = 1, at milliseconds: Int64 = 0) -> [SyncAction] {
        written(bytes: bytes, at: MonotonicInstant(nanoseconds: milliseconds * 1_000_000))
    }
}

extension [SyncAction] {
    var checkpoint: Checkpoint? {
        lazy.compactMap { if case .commit(let checkpoint) = $0 { checkpoint } else { nil } }.first
    }

    var outcome: SyncOutcome? {
        lazy.compactMap { if case .finish(let outcome) = $0 { outcome } else { nil } }.first
    }

    var request: PageRequest? {
        lazy.compactMap { if case .fetch(let request) = $0 { request } else { nil } }.first
    }

    /// Indices of the records to write.
    var writes: [Int]? {
        lazy.compactMap { if case .write(let deliveries) = $0 { deliveries.map(\.index) } else { nil } }.first
    }
}
