import AITBCConnectors
import ConnectorCore
import Synchronization

/// What the stall guard looks at: steps done, and whether a wait that was asked for is under way.
final class ProgressWatch: Sendable {
    let steps = Atomic<Int>(0)
    let isWaiting = Atomic<Bool>(false)
}

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
