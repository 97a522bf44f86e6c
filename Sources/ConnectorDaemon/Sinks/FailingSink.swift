package import ConnectorCore

/// Stands in for a sink that can't be used: each stream that wants it fails with the reason before
/// it asks its source anything, others run.
package struct FailingSink: Sink {
    private let error: SinkError

    package init(_ error: SinkError) {
        self.error = error
    }

    package var identity: SinkIdentity {
        get throws(SinkError) { throw error }
    }

    package func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        throw error
    }
}
