import ConnectorCore

/// The state, in memory, with the contract of `CheckpointStore`.
struct SimulatedStore {
    private(set) var states: [StreamID: StreamState] = [:]
    private(set) var delivered: [StreamID: [Hash128: DeliveredRecord]] = [:]
    private(set) var sinkPositions: [StreamID: SinkPosition] = [:]

    mutating func commit(_ checkpoint: Checkpoint) {
        states[checkpoint.stream] = checkpoint.state
        sinkPositions.merge(checkpoint.sinkPositions) { _, new in new }
        if let range = checkpoint.forgetBetween {
            delivered[checkpoint.stream] = delivered[checkpoint.stream]?.filter { !range.holds($0.value.cursor) }
        }
        for (stream, keys) in checkpoint.forget {
            for key in keys { delivered[stream]?[key] = nil }
        }
        for (stream, walks) in checkpoint.seen {
            for (generation, keys) in walks {
                for key in keys { delivered[stream]?[key]?.generation = generation }
            }
        }
        for (stream, records) in checkpoint.remember {
            for record in records { delivered[stream, default: [:]][record.key] = record }
        }
    }

    func ties(of stream: StreamID) -> [DeliveredRecord] {
        (delivered[stream] ?? [:]).values.sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
    }

    func unseen(of stream: StreamID, since generation: Int64, limit: Int) -> [DeliveredRecord] {
        Array(ties(of: stream).lazy.filter { $0.keyText != nil && $0.generation < generation }.prefix(limit))
    }

    func unseenCount(of stream: StreamID, since generation: Int64) -> (unseen: Int64, remembered: Int64) {
        let named = ties(of: stream).filter { $0.keyText != nil }
        return (Int64(named.count { $0.generation < generation }), Int64(named.count))
    }
}
