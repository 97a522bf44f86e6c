import ConnectorCore

/// What the process reports to the machine.
extension Process {
    private static let failures: [FailureClass] = [.transient, .throttled, .badAnswer]

    mutating func answerFetch(in world: inout World) {
        guard let request = fetch?.request else { return }
        var answer = SourcePages(plan: plan, traits: world.scenario.traits).answer(request, world.source)
        let faults = world.scenario.faults
        if request.position != .first, let lastPage, world.happens(faults.repeatedPage) { answer = lastPage }
        if world.happens(faults.shuffledPage) { answer.entries = world.chance.shuffled(answer.entries) }
        if request.position != .first, world.happens(faults.lostPosition) { answer.losesPosition = true }
        fetch?.answer = answer
    }

    mutating func lookUp(in world: inout World) {
        fetch?.known = machine.remembersAll ? world.store.delivered : [:]
    }

    mutating func reportFetch(in world: inout World) {
        guard let answer = fetch?.answer, let known = fetch?.known else { return }
        fetch = nil
        if answer.losesPosition {
            let failure = SyncFailure(.positionLost, "the position is gone", hint: "")
            world.trace.note("  position lost")
            return perform(machine.fetchFailed(failure, verdict: .giveUp(.wouldFailAgain)), in: &world)
        }
        if world.happens(world.scenario.faults.failedFetch) { return reportFailure(in: &world) }
        lastPage = answer
        entries = answer.entries
        let page = PageHeads(records: entries.map { head($0, known, world.store) }, facts: facts(answer))
        world.trace.note("  page: \(entries.map(\.brief)) more \(answer.more.map(String.init) ?? "-")")
        perform(machine.pageArrived(page, now: world.headerNow), in: &world)
    }

    private mutating func reportFailure(in world: inout World) {
        let failure = SyncFailure(world.chance.pick(Self.failures), "a fault", hint: "")
        let retries = machine.attempt <= 3 && world.chance.percent(80)
        world.trace.note("  fetch failed, \(retries ? "again" : "given up")")
        let verdict = retries ? RetryVerdict.retry(after: .seconds(1)) : .giveUp(.attemptsUsed)
        perform(machine.fetchFailed(failure, verdict: verdict), in: &world)
    }

    mutating func reportWait(in world: inout World) {
        isWaiting = false
        perform(machine.waited(), in: &world)
    }

    mutating func reportWritten(in world: inout World) {
        guard let written = lines else { return }
        lines = nil
        for (line, stream) in written { world.sink.append(line, to: stream) }
        if world.happens(world.scenario.faults.localFailure) { return reportLocalFailure(in: &world) }
        world.trace.note("  written \(written.map { "\($0.0.id)=\($0.0.content.map(String.init) ?? "gone")" })")
        perform(machine.written(bytes: Int64(written.count), at: world.monotonic), in: &world)
    }

    mutating func reportSave(in world: inout World) {
        guard let saved = save else { return }
        save = nil
        if world.happens(world.scenario.faults.localFailure) { return reportLocalFailure(in: &world) }
        switch saved {
        case .flushing(let positions):
            perform(machine.flushed(positions), in: &world)
        case .committing(let checkpoint):
            commit(checkpoint, in: &world)
            perform(machine.committed(), in: &world)
        }
    }

    private mutating func reportLocalFailure(in world: inout World) {
        // What else is under way is abandoned by the shell.
        world.trace.note("  sink or state failed")
        save = nil
        lines = nil
        perform(machine.failed(SyncFailure(.transient, "the disk is full", hint: "", isLocal: true)), in: &world)
    }

    mutating func reportSearch(in world: inout World) {
        guard let asked = search else { return }
        search = nil
        guard let limit = asked.limit else {
            let (unseen, remembered) = world.store.unseenCount(of: plan.stream, since: asked.generation)
            return perform(machine.unseenCounted(unseen, of: remembered), in: &world)
        }
        let found = world.store.unseen(of: plan.stream, since: asked.generation, limit: limit)
        perform(machine.unseenFound(found, since: asked.generation), in: &world)
    }

    mutating func commit(_ checkpoint: Checkpoint, in world: inout World) {
        let before = world.store.states[plan.stream]?.cursor
        world.store.commit(checkpoint)
        // A walk whose order is broken takes back what the order had let the cursor pass.
        let mayGoBack = world.doubts.contains(.order)
        guard let cursor = checkpoint.state.cursor else {
            return expect(before == nil || mayGoBack, "the cursor was lost", in: &world)
        }
        let goesBack = before.map { $0 > cursor } ?? false
        expect(!goesBack || mayGoBack, "the cursor went back from \(before ?? 0) to \(cursor)", in: &world)
        guard plan.cursor?.format.isTime == true else {
            return expect(cursor <= world.source.highestStamp, "the cursor is beyond every record", in: &world)
        }
        expect(cursor <= world.clock, "the cursor \(cursor) is beyond now, \(world.clock)", in: &world)
    }

    // MARK: Pages

    private func facts(_ answer: SourceAnswer) -> PageFacts {
        let last = plan.paging.style == .afterLast ? answer.entries.last.map { String($0.id) } : nil
        return PageFacts(count: answer.entries.count, lastField: last, more: answer.more, next: answer.next)
    }

    private func head(
        _ entry: ListEntry,
        _ known: [StreamID: [Hash128: DeliveredRecord]],
        _ store: SimulatedStore
    ) -> RecordHead {
        let key = Hash128(high: plan.isFeed ? 2 : 1, low: UInt64(entry.id))
        let cursor = plan.cursor == nil ? nil : entry.stamp
        var head = RecordHead(key: key, content: content(entry), cursor: cursor, keyText: String(entry.id))
        head.known = known[plan.stream]?[key]
        head.knownVariant = known[plan.stream]?[key.variant(head.content)]
        guard let event = entry.event else { return head }
        let target = Hash128(high: 1, low: UInt64(event.record.id))
        head.routed = RoutedHead(
            stream: Scenario.stream,
            key: target,
            keyText: String(event.record.id),
            content: content(entry),
            isDelete: event.isDelete,
            known: known[Scenario.stream]?[target],
            generation: store.states[Scenario.stream]?.generation ?? 0
        )
        return head
    }

    private func content(_ entry: ListEntry) -> Hash128 {
        Hash128(high: UInt64(entry.record.content), low: UInt64(bitPattern: entry.stampInContent))
    }
}

extension ListEntry {
    var brief: String {
        let carried = event.map { " \($0.isDelete ? "gone" : "has") \(record.id)" } ?? ""
        return "\(id)@\(stamp)\(carried)=\(record.content)"
    }

    /// A record's time is part of its bytes; an event carries the record, not its own time.
    var stampInContent: Int64 { record.stamp }
}
