import AITBCConnectors
import ConnectorCore

/// Everything a run works with.
struct SyncDependencies: Sendable {
    var session: APISession
    var store: any CheckpointStore
    /// By each stream that a run may write into: a record's sink is its own stream's, whoever brought it.
    var sinks: [StreamID: any Sink]
    var clocks: any Clocks
    var events: any EventSink
    var limits: SyncLimits
}
