package import ConnectorCore

/// An answer, and the way its body travels. The listener writes `Content-Length`, and `Date` unless it is given.
package struct ListenerResponse: Sendable, Equatable {
    package var status: Int
    package var headers: TransportHeaders
    package var body: [UInt8]
    package var delivery: Delivery

    /// Anything but `.whole` is for a server that misbehaves on purpose. The full length is promised in every case.
    package enum Delivery: Sendable, Equatable {
        case whole
        /// A piece at a time, with a pause between them.
        case slow(chunk: Int, every: Duration)
        /// Nothing more after so many bytes; the connection stays open until the listener's `stallTime` or its end.
        case stall(afterBytes: Int)
        /// The connection is reset (RST) after so many bytes of the body.
        case reset(afterBytes: Int)
        /// The connection is closed in order (FIN) after so many bytes of the body.
        case truncated(afterBytes: Int)
        /// The connection is reset before the status line.
        case hangUp
    }

    package init(status: Int, headers: TransportHeaders = [:], body: [UInt8] = [], delivery: Delivery = .whole) {
        self.status = status
        self.headers = headers
        self.body = body
        self.delivery = delivery
    }

    /// A short answer for people and logs.
    package static func text(_ status: Int, _ text: String) -> ListenerResponse {
        ListenerResponse(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array((text + "\n").utf8)
        )
    }
}
