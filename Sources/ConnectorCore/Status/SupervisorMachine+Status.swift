// What people see of it.
extension SupervisorMachine {
    /// Of every stream that is configured. `wall` and `monotonic` are one moment on two clocks.
    package func situations(wall: Instant, monotonic: MonotonicInstant) -> [StreamID: StreamSituation] {
        slots.filter { !$0.value.isRemoved }.mapValues { slot in
            let isDue = slot.waitingSince != nil
            let next = isDue ? monotonic : due.due(of: slot.plan.stream)
            return StreamSituation(
                isRunning: slot.isRunning,
                lastEnding: shownEnding(slot),
                failures: slot.failures,
                nextRun: isDraining ? nil : next.map { wall + max(.zero, $0 - monotonic) }
            )
        }
    }

    /// A refused credential stops every stream that needs it, however its own last run ended.
    private func shownEnding(_ slot: Slot) -> Ending? {
        guard slot.plan.schedule != nil, let lock = lockedOut[slot.plan.stream.connector] else {
            return slot.lastEnding
        }
        return .lockedOut(lock.reason)
    }

    /// Of every connector that has streams.
    package var states: [String: ConnectorState] {
        Dictionary(uniqueKeysWithValues: streamsByConnector.keys.map { ($0, state(of: $0)) })
    }

    /// Streams that rest alone, of connectors that go on.
    package var blockedStreams: [StreamID] {
        let blocked = slots.values.filter { $0.blockedBy != nil && !$0.isRemoved && !$0.isRunning }
        return blocked.map(\.plan.stream).filter { !state(of: $0.connector).isBlocked }.sorted()
    }

    package func state(of connector: String) -> ConnectorState {
        let own = (streamsByConnector[connector] ?? []).compactMap { slots[$0] }
        guard !own.isEmpty else { return .stopped }
        if isDraining { return own.contains { $0.isRunning } ? .draining : .stopped }
        if let lock = lockedOut[connector] { return .blocked(lock.reason) }
        let asking = own.filter { $0.plan.schedule != nil }
        let reasons = asking.compactMap(\.blockedBy)
        if let first = reasons.first, reasons.count == asking.count { return .blocked(first) }
        if own.contains(where: \.isRunning) { return .syncing }
        for slot in own {
            if case .failed(let reason) = slot.lastEnding { return .backingOff(reason) }
        }
        return asking.contains { $0.lastEnding == nil } && own.allSatisfy { $0.lastEnding == nil } ? .starting : .idle
    }
}

extension ConnectorState {
    fileprivate var isBlocked: Bool {
        if case .blocked = self { true } else { false }
    }
}
