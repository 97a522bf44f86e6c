/// What is told once a change.
extension SyncMachine {
    mutating func doubt(_ kind: Doubt.Kind, count: Int64? = nil) {
        if evidence.doubt(kind, count: count) { notes.append(.doubt(Doubt(kind, count: count))) }
    }

    mutating func settleDoubt(_ kind: Doubt.Kind) {
        if evidence.settle(kind) { notes.append(.settled(kind)) }
    }
}
