package import ConnectorCore
import ConnectorCrypto

/// The seam between batches and what takes them.
package protocol BatchSender: Sendable {
    /// Sends one batch, and again where that is safe and may help. The same bytes come with the same key.
    func send(_ batch: [UInt8], records: Int, idempotencyKey: String) async -> BatchOutcome
    /// See `Sink`.
    var heldUntil: MonotonicInstant? { get }
    /// No more waiting between tries: what fails then is for the next start.
    func retire()
}

extension BatchSender {
    package var heldUntil: MonotonicInstant? { nil }
    package func retire() {}
}

/// What became of a batch.
package enum BatchOutcome: Sendable, Equatable {
    /// Durable on the other side.
    case accepted
    /// Sent again it would be refused again.
    case refused(BatchRefusal)
    /// It may succeed later, or once a person has helped; nothing may be lost meanwhile.
    case failed(SinkError)
}

/// Why a batch is not taken, and which of its records are to blame where the server says so.
package struct BatchRefusal: Sendable, Equatable {
    package var reason: String
    package var code: String?
    /// Empty where the server names none.
    package var named: [Named]
    /// Whether the server has kept the records that it does not name.
    package var restIsKept: Bool

    package init(_ reason: String, code: String? = nil, named: [Named] = [], restIsKept: Bool = false) {
        self.reason = reason
        self.code = code
        self.named = named
        self.restIsKept = restIsKept
    }

    /// One record of the batch, counted from 0.
    package struct Named: Sendable, Equatable {
        package var index: Int
        package var reason: String?
        package var code: String?

        package init(_ index: Int, reason: String? = nil, code: String? = nil) {
            self.index = index
            self.reason = reason
            self.code = code
        }
    }
}

/// A batch's own name: the same bytes always have the same, other bytes another.
package enum BatchKey {
    package static func of(_ body: [UInt8]) -> String {
        HexText.text(MessageAuthentication.hash(body))
    }
}
