import ConnectorCore

/// Actions in a few words, for the trace.
extension SyncAction {
    var brief: String {
        switch self {
        case .fetch(let request):
            "fetch \(request.position) from \(request.lower.brief) until \(request.upper.brief)"
        case .cancelFetch: "cancel the fetch"
        case .wait: "wait"
        case .write(let deliveries): "write \(deliveries.map { "\($0.operation.rawValue) \($0.index)" })"
        case .writeDeletes(let records): "write deletes \(records.map { $0.keyText ?? "?" })"
        case .flush: "flush"
        case .commit(let checkpoint): "commit \(checkpoint.brief)"
        case .findUnseen(let generation, let limit): "find \(limit) unseen since \(generation)"
        case .countUnseen(let generation): "count unseen since \(generation)"
        case .note(let note): "note \(note)"
        case .finish(.succeeded): "finish: succeeded"
        case .finish(.interrupted): "finish: interrupted"
        case .finish(.failed(_, let failure)): "finish: \(failure)"
        }
    }
}

extension Checkpoint {
    var brief: String {
        let remembered = remember.values.joined().map { $0.keyText ?? String($0.key.low) }.sorted()
        let forgotten = forget.values.joined().map { String($0.low) }.sorted()
        let range = forgetBetween.map { " forget ]\($0.above), \($0.below)[" } ?? ""
        return
            "cursor \(state.cursor.brief) remember \(remembered) forget \(forgotten)\(range) walk \(state.walk ?? "-")"
    }
}

extension Int64? {
    var brief: String { map(String.init) ?? "-" }
}
