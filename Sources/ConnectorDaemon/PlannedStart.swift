import ConnectorCore

/// What a run begins with: the state as far as its plan can use it, and the ties.
struct PlannedStart: Sendable {
    var state: StreamState
    var ties: [DeliveredRecord]
    /// What a changed plan made of the state; already durable.
    var migration: PlanMigration?

    static func load(
        _ stream: StreamDefinition,
        base: URLReference,
        settings: [String: TemplateVariables.Value],
        from ledger: any StreamLedger,
        mostTies: Int
    ) async throws(StateError) -> PlannedStart {
        let plan = PlanFingerprint(stream, base: base, settings: settings)
        var state = try await ledger.state(of: stream.id) ?? StreamState()
        let migration = PlanMigration(state, to: plan, cursor: stream.cursor)
        if let migration {
            state = migration.state
            if migration.remembersAll { state.rememberAll() }
            try await ledger.rebase(to: state, forgetting: migration.forgetting)
        }
        state.fingerprint = plan.encoded
        let memory = stream.plan(base: base).memory(StreamEvidence(encoded: state.evidence))
        let ties = memory == .ties ? try await ties(stream, &state, ledger, mostTies) : []
        return PlannedStart(state: state, ties: ties, migration: migration)
    }

    /// Rows from before plans were told apart may be those of a memory of everything: what the next walk can't meet
    /// again goes. Where that is not enough, the memory of everything stays.
    private static func ties(
        _ stream: StreamDefinition,
        _ state: inout StreamState,
        _ ledger: any StreamLedger,
        _ most: Int
    ) async throws(StateError) -> [DeliveredRecord] {
        if let ties = try await boundedTies(stream.id, ledger, most) { return ties }
        if let rule = stream.cursor, let cursor = state.cursor {
            state.walk = nil
            try await ledger.rebase(to: state, forgetting: .behind(rule.reach(behind: cursor)))
            if let ties = try await boundedTies(stream.id, ledger, most) { return ties }
        }
        state.rememberAll()
        return []
    }

    /// Nil where there are too many.
    private static func boundedTies(
        _ stream: StreamID,
        _ ledger: any StreamLedger,
        _ most: Int
    ) async throws(StateError) -> [DeliveredRecord]? {
        do throws(StateError) {
            return try await ledger.delivered(of: stream, limit: most)
        } catch  where error.code == .tooManyTies {
            return nil
        }
    }
}

extension StreamState {
    /// From now on, whatever the plan would do with.
    fileprivate mutating func rememberAll() {
        var known = StreamEvidence(encoded: evidence)
        known.remembersAll = true
        evidence = known.encoded
    }
}
