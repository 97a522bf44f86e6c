import CMicroHTTPD
import ConnectorCore
import Synchronization

/// What the library's callbacks work on: all of it is immutable or guards itself.
final class ListenerCore: Sendable {
    let limits: ListenerLimits
    let admit: HTTPListener.Admission
    let handler: HTTPListener.Handler
    let onRefusal: @Sendable (ListenerRefusal) -> Void
    let registry = ExchangeRegistry()
    let watch: ConnectionWatch
    let budget: BodyBudget
    /// Whether each answer is the last one of its connection.
    let isLeaving = Atomic<Bool>(false)

    init(
        limits: ListenerLimits,
        onRefusal: @escaping @Sendable (ListenerRefusal) -> Void,
        admit: @escaping HTTPListener.Admission,
        handler: @escaping HTTPListener.Handler
    ) {
        self.limits = limits
        self.onRefusal = onRefusal
        watch = ConnectionWatch(limit: limits.requestTime, most: limits.connections)
        budget = BodyBudget(limit: limits.totalBodyBytes)
        self.admit = admit
        self.handler = handler
    }

    /// The first call of a request: its header fields are there, its body is not. What can be refused by them is: the
    /// connection closes behind the answer. False closes it without one.
    func began(_ exchange: ServedRequest, _ connection: LibraryConnection, method: String, version: String) -> Bool {
        let headers = connection.headers()
        if let problem = StrictHead.problem(version: version, target: exchange.target, headers) {
            tell(400, "a request with \(problem)", exchange, connection)
            return close(with: .text(400, "The request has \(problem)."), exchange, connection)
        }
        let head = ListenerRequest(
            method: method,
            target: exchange.target,
            headers: headers,
            peer: connection.peer()
        )
        let length = headers["Content-Length"].flatMap { Int($0) } ?? 0
        if length > limits.bodyBytes { return refuseTooLarge(exchange, connection) }
        guard let answer = admit(head) else {
            budget.announce(length, for: exchange)
            exchange.keep(head)
            return true
        }
        // Without a body there is nothing that would be lost with the connection.
        return head.announcesBody ? close(with: answer, exchange, connection) : send(answer, exchange, connection)
    }

    private func close(
        with answer: ListenerResponse,
        _ exchange: ServedRequest,
        _ connection: LibraryConnection
    ) -> Bool {
        watch.answering(connection.identity)
        var answer = answer
        answer.headers["Connection"] = "close"
        return send(answer, exchange, connection)
    }

    /// The whole request is there: the handler may run.
    func completeRequest(_ exchange: ServedRequest, _ connection: LibraryConnection) -> Bool {
        watch.answering(connection.identity)
        budget.completed(exchange)
        let request: ListenerRequest
        switch exchange.takeBody(limit: limits.bodyBytes) {
        case nil: return false
        case .whole(let complete): request = complete
        case .tooLarge: return refuseTooLarge(exchange, connection)
        case .crowdedOut:
            tell(503, "all bodies on their way hold over \(limits.totalBodyBytes) bytes", exchange, connection)
            var answer = ListenerResponse.text(503, "Too much is on its way: try again.")
            answer.headers["Retry-After"] = "5"
            return send(answer, exchange, connection)
        }
        // Closed without an answer once the listener has stopped: on a kept connection every client knows that, and takes
        // a new one, where 503 would send it away.
        return registry.insert(exchange, connection)
            && exchange.handle(on: connection, with: { [handler] in await handler(request) })
    }

    func send(_ response: ListenerResponse, _ exchange: ServedRequest, _ connection: LibraryConnection) -> Bool {
        if response.delivery == .hangUp {
            connection.reset()
            return false
        }
        var response = response
        if isLeaving.load(ordering: .relaxed) { response.headers["Connection"] = "close" }
        guard
            let outgoing = OutgoingResponse(
                response,
                exchange: exchange,
                connection: connection,
                stallTime: limits.stallTime
            )
        else { return false }
        return connection.queue(outgoing, status: response.status)
    }

    private func refuseTooLarge(_ exchange: ServedRequest, _ connection: LibraryConnection) -> Bool {
        let fact = "body is larger than \(limits.bodyBytes) bytes"
        tell(413, "the \(fact)", exchange, connection)
        return send(.text(413, "The \(fact)."), exchange, connection)
    }

    private func tell(_ status: Int, _ reason: String, _ exchange: ServedRequest, _ connection: LibraryConnection) {
        let path = TargetText.parse(exchange.target).path
        onRefusal(ListenerRefusal(path: path, peer: connection.peer(), status: status, reason: reason))
    }
}

/// The C side: each finds its objects behind the pointers it was given, and leaves.
///
/// The library calls all of them on its one thread (at the end, on the thread that stops it, after its own has ended).
/// `ListenerCore` is retained by `HTTPListener` until the library has stopped; an `ServedRequest` is retained by `uriSeen`,
/// which the library calls first for each request, and released by `completed`, which it calls last.
enum ListenerCallbacks {
    static let uriSeen:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
            _,
            target,
            _ in
            let text = if let target = unsafe target { unsafe String(cString: target) } else { "" }
            return unsafe Unmanaged.passRetained(ServedRequest(target: text)).toOpaque()
        }

    static let access:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> MHD_Result = { context, pointer, _, method, version, upload, uploadSize, slot in
            guard let context = unsafe context, let pointer = unsafe pointer, let method = unsafe method,
                let version = unsafe version, let uploadSize = unsafe uploadSize, let held = unsafe slot?.pointee
            else { return .NO }
            let core = unsafe Unmanaged<ListenerCore>.fromOpaque(context).takeUnretainedValue()
            let exchange = unsafe Unmanaged<ServedRequest>.fromOpaque(held).takeUnretainedValue()
            let connection = unsafe LibraryConnection(pointer)
            let proceeds: Bool
            switch exchange.turn() {
            case .headers:
                proceeds = unsafe core.began(
                    exchange,
                    connection,
                    method: String(cString: method),
                    version: String(cString: version)
                )
            case .answer(let response):
                proceeds = core.send(response, exchange, connection)
            case .body:
                let size = unsafe uploadSize.pointee
                if size > 0 {
                    let piece = unsafe UnsafeRawBufferPointer(start: upload, count: size)
                    proceeds = unsafe exchange.receive(piece, limit: core.limits.bodyBytes, budget: core.budget)
                    unsafe uploadSize.pointee = 0
                } else {
                    proceeds = core.completeRequest(exchange, connection)
                }
            }
            return proceeds ? .YES : .NO
        }

    static let connectionChanged:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            MHD_ConnectionNotificationCode
        ) -> Void = { context, pointer, _, change in
            guard let context = unsafe context, let pointer = unsafe pointer else { return }
            let core = unsafe Unmanaged<ListenerCore>.fromOpaque(context).takeUnretainedValue()
            let connection = unsafe LibraryConnection(pointer)
            if change == .CONNECTION_NOTIFY_STARTED {
                core.watch.opened(connection.identity, descriptor: connection.descriptor)
            } else {
                core.watch.closed(connection.identity)
            }
        }

    static let completed:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            MHD_RequestTerminationCode
        ) -> Void = { context, pointer, slot, _ in
            guard let context = unsafe context, let held = unsafe slot?.pointee else { return }
            let core = unsafe Unmanaged<ListenerCore>.fromOpaque(context).takeUnretainedValue()
            if let pointer = unsafe pointer { unsafe core.watch.answered(LibraryConnection(pointer).identity) }
            let exchange = unsafe Unmanaged<ServedRequest>.fromOpaque(held).takeRetainedValue()
            unsafe slot?.pointee = nil
            exchange.finish()
            core.registry.remove(exchange)
            core.budget.giveBack(exchange)
        }
}
