import ConnectorCore

/// Sends one batch until each of its records is taken, or is a dead letter.
struct BatchDelivery: Sendable {
    let stream: StreamID
    let sender: any BatchSender
    let format: BatchFormat
    let deadLetters: any DeadLetterStore
    let deadLetterLimit: Int
    let clocks: any Clocks
    let events: any EventSink

    /// A refused batch is halved until what is refused is a single record: at most twice the logarithm of its size in
    /// requests for one bad record. The order of records stays.
    func deliver(_ batch: Batch) async throws(SinkError) {
        var rest = [batch]
        while let next = rest.popLast() {
            let body = next.body(format)
            switch await sender.send(body, records: next.count, idempotencyKey: BatchKey.of(body)) {
            case .accepted: continue
            case .failed(let error): throw error
            case .refused(let refusal): rest += try await settle(next, refusal).reversed()
            }
        }
    }

    /// Puts away what is certain, and returns what is to be sent again.
    private func settle(_ batch: Batch, _ refusal: BatchRefusal) async throws(SinkError) -> [Batch] {
        let named = refusal.named.filter { (0..<batch.count).contains($0.index) }
        if !named.isEmpty {
            try await bury(batch, named, refusal)
            let blamed = Set(named.map(\.index))
            let others = (0..<batch.count).filter { !blamed.contains($0) }
            return refusal.restIsKept || others.isEmpty ? [] : [batch.picking(others)]
        }
        guard batch.count > 1 else {
            try await bury(batch, [.init(0)], refusal)
            return []
        }
        let middle = batch.count / 2
        return [batch.picking(0..<middle), batch.picking(middle..<batch.count)]
    }

    private func bury(
        _ batch: Batch,
        _ named: [BatchRefusal.Named],
        _ refusal: BatchRefusal
    ) async throws(SinkError) {
        let letters = named.map { one in
            DeadLetter(
                stream,
                line: Array(batch.line(one.index)),
                reason: one.reason ?? refusal.reason,
                code: one.code ?? refusal.code,
                at: clocks.now
            )
        }
        do throws(StateError) {
            try await deadLetters.add(letters, limit: deadLetterLimit)
        } catch {
            throw SinkError(error.message, hint: error.hint)
        }
        for letter in letters { events.record(.deadLettered(stream, key: letter.key, reason: letter.reason)) }
    }
}
