import CMicroHTTPD
import ConnectorCore
import Glibc
import Synchronization

/// An HTTP/1.1 server on one socket: libmicrohttpd parses, limits and times out, on one thread of its own; handlers
/// are tasks. A connection is suspended while its handler runs, so that a slow one holds neither thread nor poll slot.
///
/// A running listener keeps itself alive: who starts one calls `stop()`.
package final class HTTPListener: Sendable {
    package typealias Handler = @Sendable (ListenerRequest) async -> ListenerResponse
    /// The answer that a request's head is enough for, whose body has not come; nil where the body counts. Called on the
    /// library's thread: must not block.
    package typealias Admission = @Sendable (ListenerRequest) -> ListenerResponse?

    /// The port that was bound; 0 for a socket file.
    package let port: UInt16
    private let core: ListenerCore
    private let daemon: Mutex<Daemon?>

    /// `@unchecked Sendable`: the library's daemon handle may be used from any thread; `daemon` hands it out once.
    @safe private struct Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
        /// The library's reference to `core`, given back when it has stopped.
        let context: Unmanaged<ListenerCore>
    }

    /// `onRefusal` hears of requests that are answered before any handler sees them. Must not block.
    package init(
        configuration: ListenerConfiguration,
        onRefusal: @escaping @Sendable (ListenerRefusal) -> Void = { _ in },
        admit: @escaping Admission = { _ in nil },
        handler: @escaping Handler
    ) throws(ListenerError) {
        let socket = try ListeningSocket(configuration.address)
        let core = ListenerCore(limits: configuration.limits, onRefusal: onRefusal, admit: admit, handler: handler)
        let context = unsafe Unmanaged.passRetained(core)
        let limits = configuration.limits
        let started = unsafe cmhd_start(
            cmhd_flags,
            socket.descriptor,
            ListenerCallbacks.access,
            ListenerCallbacks.completed,
            ListenerCallbacks.uriSeen,
            ListenerCallbacks.connectionChanged,
            context.toOpaque(),
            UInt32(clamping: limits.connections),
            UInt32(clamping: limits.connectionsPerPeer),
            limits.headerBytes,
            UInt32(clamping: limits.idleSeconds)
        )
        guard let started = unsafe started else {
            unsafe context.release()
            close(socket.descriptor)
            throw ListenerError(.libraryRefused, "libmicrohttpd did not start; are threads or descriptors exhausted?")
        }
        port = socket.port
        self.core = core
        core.watch.start()
        daemon = unsafe Mutex(Daemon(pointer: started, context: context))
    }

    /// Requests under way.
    package var activeRequests: Int { core.registry.count }

    /// How long clients that keep a connection may still send on it: their answer tells them that it closes. Cut at once,
    /// a request that is just on its way would be lost on a sender that repeats nothing at once.
    private static let farewell = Duration.milliseconds(250)

    /// Takes no new connection, answers what comes on those that are open and closes each with its answer, waits up to
    /// `grace` for requests under way, then ends the rest (503, or a broken body) and closes every connection. A second
    /// call does nothing.
    package func stop(grace: Duration = .seconds(5)) async {
        let taken = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        guard let taken else { return }
        core.isLeaving.store(true, ordering: .relaxed)
        let socket = unsafe MHD_quiesce_daemon(taken.pointer)
        if socket >= 0 { Glibc.close(socket) }
        core.watch.stop()
        await core.watch.emptied(within: min(grace, Self.farewell))
        await core.registry.drain(within: grace)
        core.registry.close()
        unsafe MHD_stop_daemon(taken.pointer)
        unsafe taken.context.release()
    }
}
