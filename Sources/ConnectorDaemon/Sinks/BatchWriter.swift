import ConnectorCore

/// One stream's way to a server. Holds at most the batches in flight, one that waits for its turn, and one that is
/// being gathered: `write` returns only when there is room again.
actor BatchWriter: SinkWriter {
    private let delivery: BatchDelivery
    private let mostInFlight: Int
    private var gatherer: BatchGatherer
    /// Full batches whose turn has not come.
    private var queue: [Batch] = []
    private var inFlight: [Int: Task<Void, Never>] = [:]
    /// Number of the last batch that was queued, and of the last that was sent; the first is 1.
    private var lastQueued = 0
    private var lastSent = 0
    /// All batches up to this number are settled; those beyond it that are, out of order.
    private var settled = 0
    private var settledAhead: Set<Int> = []
    /// The first failure ends the writer: the run fails, and the next one sends the same again.
    private var failure: SinkError?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ delivery: BatchDelivery, _ rule: BatchRule) {
        self.delivery = delivery
        mostInFlight = rule.inFlight
        gatherer = BatchGatherer(rule)
    }

    func write(_ lines: [UInt8]) async throws(SinkError) {
        var offset = 0
        while let full = gatherer.fill(from: lines, at: &offset) {
            enqueue(full)
            while !queue.isEmpty { try await change() }
        }
        if let failure { throw failure }
    }

    /// Sends what has come together, and waits until all of it is settled, in order.
    func flush() async throws(SinkError) -> SinkPosition? {
        if let rest = gatherer.take() { enqueue(rest) }
        let target = lastQueued
        while settled < target { try await change() }
        return nil
    }

    func close() {
        fail(SinkError("\(delivery.stream): the writer is closed", hint: "the next sync sends what is missing"))
        for task in inFlight.values { task.cancel() }
    }

    // MARK: Batches

    private func enqueue(_ batch: Batch) {
        queue.append(batch)
        lastQueued += 1
        sendNext()
    }

    private func sendNext() {
        while failure == nil, inFlight.count < mostInFlight, !queue.isEmpty {
            let batch = queue.removeFirst()
            lastSent += 1
            let (number, delivery) = (lastSent, delivery)
            inFlight[number] = Task {
                do throws(SinkError) {
                    try await delivery.deliver(batch)
                    self.ended(number, nil)
                } catch {
                    self.ended(number, error)
                }
            }
        }
    }

    private func ended(_ number: Int, _ error: SinkError?) {
        inFlight[number] = nil
        if let error { return fail(error) }
        settledAhead.insert(number)
        while settledAhead.remove(settled + 1) != nil { settled += 1 }
        sendNext()
        wake()
    }

    private func fail(_ error: SinkError) {
        failure = failure ?? error
        queue = []
        wake()
    }

    // MARK: Waiting

    /// Returns when something has changed; throws once the writer has failed.
    private func change() async throws(SinkError) {
        if let failure { throw failure }
        await withCheckedContinuation { waiting.append($0) }
        if let failure { throw failure }
    }

    private func wake() {
        let woken = waiting
        waiting = []
        for one in woken { one.resume() }
    }
}
