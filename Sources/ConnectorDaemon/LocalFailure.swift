import ConnectorCore

/// Faults on this side: the run ends, and nothing after its last checkpoint counts.
extension SyncFailure {
    init(_ error: StateError) {
        self.init(.refused, error.message, hint: error.hint, isLocal: true)
    }

    init(_ error: SinkError) {
        self.init(.refused, error.message, hint: error.hint, isLocal: true)
    }
}
