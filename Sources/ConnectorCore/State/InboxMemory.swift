/// An inbox in memory, for the store without a disk. Keeps the contract of `EventInbox` but for durability.
struct InboxMemory: Sendable {
    private var events: [(stream: StreamID, event: WaitingEvent)] = []
    private var ids: [String: [String: Instant]] = [:]
    private var versions: [StreamID: [Hash128: EventVersion]] = [:]
    private var asked: [StreamID: Instant] = [:]
    private var last: Int64 = 0

    mutating func accept(
        _ incoming: [IncomingEvent],
        of connector: String,
        at: Instant,
        until: Instant,
        limits: InboxLimits
    ) throws(StateError) -> Int {
        let own = events.filter { $0.stream.connector == connector }
        let load = InboxLoad(events: own.count, bytes: Int64(own.reduce(0) { $0 + $1.event.bytes.count }))
        guard load.events < limits.events, load.bytes < limits.bytes else { throw .inboxFull(connector, load) }
        let before = events.count
        for event in incoming {
            if let id = event.id {
                guard event.isReplay || ids[connector]?[id] == nil else { continue }
                ids[connector, default: [:]][id] = until
            }
            last += 1
            let waiting = WaitingEvent(number: last, id: event.id, type: event.type, at: at, bytes: event.bytes)
            events.append((event.stream, waiting))
        }
        return events.count - before
    }

    func waiting(in stream: StreamID, limit: Int, bytes: Int) -> [WaitingEvent] {
        var room = bytes
        var found: [WaitingEvent] = []
        for entry in events where entry.stream == stream && found.count < limit && room > 0 {
            found.append(entry.event)
            room -= entry.event.bytes.count
        }
        return found
    }

    var counts: [StreamID: Int] { Dictionary(grouping: events, by: \.stream).mapValues(\.count) }

    func versions(of stream: StreamID, keys: [Hash128]) -> [Hash128: EventVersion] {
        let known = versions[stream] ?? [:]
        return Dictionary(keys.compactMap { key in known[key].map { (key, $0) } }) { first, _ in first }
    }

    var earlySyncs: [StreamID] { asked.keys.sorted() }

    mutating func advance(to checkpoint: Checkpoint) {
        if checkpoint.run.succeededAt != nil, let at = asked[checkpoint.stream], at <= checkpoint.run.started {
            asked[checkpoint.stream] = nil
        }
        for (stream, gone) in checkpoint.gone {
            for version in gone { versions[stream, default: [:]][version.key] = version }
        }
        guard let settled = checkpoint.events else { return }
        let numbers = Set(settled.numbers)
        events.removeAll { numbers.contains($0.event.number) }
        if let target = settled.target {
            for version in settled.versions { versions[target, default: [:]][version.key] = version }
        }
        for stream in settled.earlySyncs { asked[stream] = settled.at }
        for id in settled.unknownIDs { ids[checkpoint.stream.connector]?[id] = nil }
        for connector in ids.keys { ids[connector] = ids[connector]?.filter { $0.value >= settled.at } }
    }
}

extension InMemoryStore: EventInbox {
    package func accept(
        _ events: [IncomingEvent],
        of connector: String,
        at: Instant,
        until: Instant,
        limits: InboxLimits
    ) throws(StateError) -> Int {
        try inbox.accept(events, of: connector, at: at, until: until, limits: limits)
    }

    package func waiting(in stream: StreamID, limit: Int, bytes: Int) -> [WaitingEvent] {
        inbox.waiting(in: stream, limit: limit, bytes: bytes)
    }

    package func waitingCounts() -> [StreamID: Int] { inbox.counts }

    package func eventVersions(of stream: StreamID, keys: [Hash128]) -> [Hash128: EventVersion] {
        inbox.versions(of: stream, keys: keys)
    }

    package func earlySyncs() -> [StreamID] { inbox.earlySyncs }
}
