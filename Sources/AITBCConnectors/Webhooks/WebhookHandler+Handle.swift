public import ConnectorCore
import Synchronization

extension WebhookHandler {
    /// Verifies a request by its signature (or token) alone and handles its events; for schemes that need no other
    /// header. Nil is a request without signature; schemes whose proof stands in no header do not read it.
    ///
    /// Throws a ``WebhookError`` as ``handle(payload:headers:query:at:)`` does.
    public func handle(payload: [UInt8], signature: String? = nil) async throws(WebhookError) -> WebhookAnswer {
        var headers = TransportHeaders()
        if let header = options.scheme.header { headers[header] = signature }
        return try await handle(payload: payload, headers: headers)
    }

    /// Verifies a request and handles its events, one after the other. The same event delivered several times at once
    /// is handled once, and each delivery gets the answer.
    ///
    /// Throws a ``WebhookError`` where the request is not believed (see ``verify(payload:headers:query:at:)``), or where its
    /// body is no event (`WEBHOOK_MALFORMED_EVENT`). What handlers throw is in the answer.
    public func handle(
        payload: [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)] = [],
        at instant: Instant? = nil
    ) async throws(WebhookError) -> WebhookAnswer {
        let arrived = instant ?? now()
        let setup: Setup
        do throws(WebhookRefusal) {
            setup = try checked(payload, headers, query, arrived)
        } catch {
            throw WebhookError(error)
        }
        let delivery = WebhookFields.Delivery(
            source: options.source ?? setup.endpoint,
            // A token is a secret, and no signature.
            signature: options.scheme.signature.flatMap { headers[$0.header] },
            arrived: arrived
        )
        var outcomes: [WebhookAnswer.Outcome] = []
        let events: [(event: WebhookEvent, memory: [UInt8]?)]
        if let rule {
            let arrival = WebhookRule.Arrival(headers: headers, query: query, delivery: delivery)
            events = try rule.events(in: payload, arrival, namesObjects: namesObjects)
        } else {
            events = try options.fields.events(in: payload, delivery).map { ($0, Array($0.id.utf8)) }
        }
        for (event, memory) in events {
            outcomes.append(try await handleOnce(event, memory))
        }
        return WebhookAnswer(outcomes)
    }

    /// Gives an event to the handlers of its type, whether it was verified, queued or handled before: for events that
    /// ``WebhookOptions/queue`` has taken.
    public func process(_ event: WebhookEvent) async -> WebhookAnswer.Outcome {
        await run(event, owing: nil).outcome
    }

    /// Without a memory it is news each time.
    private func handleOnce(_ event: WebhookEvent, _ id: [UInt8]?) async throws(WebhookError) -> WebhookAnswer.Outcome {
        guard let id else {
            return await options.queue == nil ? run(event, owing: nil).outcome : enqueue(event).outcome
        }
        while true {
            switch try begin(id) {
            case .duplicate:
                return WebhookAnswer.Outcome(eventID: event.id, status: .ignored, isDuplicate: true)
            case .running:
                if let outcome = try await outcome(of: id) { return outcome }
            case .run(let number, let owing):
                let (outcome, owing) = await options.queue == nil ? run(event, owing: owing) : enqueue(event)
                let waiters = state.withLock { $0.memory.end(number, id, owing: owing) }
                for waiter in waiters {
                    waiter.resume(returning: outcome)
                }
                return outcome
            }
        }
    }

    /// A handler that was cleaned up meanwhile handles nothing more.
    private func begin(_ id: [UInt8]) throws(WebhookError) -> WebhookMemory<Waiter>.Beginning {
        let beginning = state.withLock { $0.setup == nil ? nil : $0.memory.begin(id) }
        guard let beginning else { throw WebhookError(.notSetUp) }
        return beginning
    }

    /// What becomes of the event in the delivery that is handling it; nil where that is over.
    private func outcome(of id: [UInt8]) async throws(WebhookError) -> WebhookAnswer.Outcome? {
        let result = Mutex(WebhookMemory<Waiter>.Waiting.waits)
        let outcome = await withCheckedContinuation { (waiter: Waiter) in
            let waiting = state.withLock { $0.memory.wait(for: id, waiter) }
            result.withLock { $0 = waiting }
            if waiting != .waits { waiter.resume(returning: nil) }
        }
        if result.withLock({ $0 }) == .full { throw WebhookError(.busy) }
        return outcome
    }

    /// Calls the handlers, or those that are owed. Answers besides which are owed now; nil where the event may come
    /// again as if it were new.
    private func run(
        _ event: WebhookEvent,
        owing: Set<Int>?
    ) async -> (outcome: WebhookAnswer.Outcome, owing: Set<Int>?) {
        let handlers = state.withLock { $0.handlers }.filter { handler in
            (handler.type == event.type || handler.type == Self.everyType) && owing?.contains(handler.number) ?? true
        }
        var failed: Set<Int> = []
        var errors: [any Error] = []
        for handler in handlers {
            do {
                try await handler.action(event)
            } catch {
                failed.insert(handler.number)
                errors.append(error)
            }
        }
        let status = Self.status(called: handlers.count, failed: failed.count, isRedelivery: owing != nil)
        let outcome = WebhookAnswer.Outcome(eventID: event.id, status: status, errors: errors)
        return (outcome, status == .ignored || status == .failed ? nil : failed)
    }

    /// A redelivery goes to handlers that are owed the event: others took it before, whatever these do.
    private static func status(called: Int, failed: Int, isRedelivery: Bool) -> WebhookStatus {
        if isRedelivery { return failed == 0 ? .processed : .partial }
        if called == 0 { return .ignored }
        if failed == 0 { return .processed }
        return failed < called ? .partial : .failed
    }

    private func enqueue(_ event: WebhookEvent) async -> (outcome: WebhookAnswer.Outcome, owing: Set<Int>?) {
        do {
            try await options.queue?(event)
            return (WebhookAnswer.Outcome(eventID: event.id, status: .queued), [])
        } catch {
            return (WebhookAnswer.Outcome(eventID: event.id, status: .failed, errors: [error]), nil)
        }
    }
}
