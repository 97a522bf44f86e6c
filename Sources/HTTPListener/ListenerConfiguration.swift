/// Where to listen, and how much a stranger may ask of us. Every limit has a default.
package struct ListenerConfiguration: Sendable, Equatable {
    package enum Address: Sendable, Equatable {
        /// 127.0.0.1; port 0 takes a free one, which the running listener tells.
        case loopback(port: UInt16)
        /// ::1
        case loopbackIPv6(port: UInt16)
        /// A literal IPv4 or IPv6 address.
        case tcp(host: String, port: UInt16)
        /// A socket file that only its owner and group may use; a stale one is replaced.
        case unixSocket(path: String)
        /// A socket that somebody else opened (socket activation), bound and listening. The listener closes it.
        case inherited(descriptor: Int32)
    }

    /// Bytes of the longest path that a socket file can have: `sockaddr_un.sun_path`, less its closing zero.
    package static let longestSocketPath = 107

    package var address: Address
    package var limits: ListenerLimits

    package init(address: Address = .loopback(port: 0), limits: ListenerLimits = ListenerLimits()) {
        self.address = address
        self.limits = limits
    }
}

/// A request that the listener answered itself, before any handler saw it.
package struct ListenerRefusal: Sendable, Equatable {
    /// Decoded, without the query.
    package var path: String
    package var peer: String
    /// 400, 413 or 503.
    package var status: Int
    package var reason: String
}

/// Bounds of what clients can make the listener hold.
package struct ListenerLimits: Sendable, Equatable {
    /// Connections at once; more wait in the kernel's queue. Well below the usual limit of 1024 descriptors.
    package var connections: Int
    /// Connections at once from one address; 0 is no limit of its own. Others get connections too.
    package var connectionsPerPeer: Int
    /// Memory of one connection: request line, header fields and the answer's fields must fit (else 431 or 414).
    package var headerBytes: Int
    /// Of a request's body; more is answered with 413.
    package var bodyBytes: Int
    /// Of all requests together that are not answered yet; what is beyond is answered with 503. A thousand connections
    /// with a body that is nearly complete would fill the memory otherwise.
    package var totalBodyBytes: Int
    /// Whole seconds without a byte until a connection is closed.
    package var idleSeconds: Int
    /// From a connection's beginning, or its last answer, until its next request is complete.
    package var requestTime: Duration
    /// How long a deliberately stalled answer is held before its connection is closed.
    package var stallTime: Duration

    package init(
        connections: Int = 512,
        connectionsPerPeer: Int = 0,
        headerBytes: Int = 32 << 10,
        bodyBytes: Int = 1 << 20,
        totalBodyBytes: Int = 64 << 20,
        idleSeconds: Int = 30,
        requestTime: Duration = .seconds(60),
        stallTime: Duration = .seconds(600)
    ) {
        self.connections = connections
        self.connectionsPerPeer = connectionsPerPeer
        self.headerBytes = headerBytes
        self.bodyBytes = bodyBytes
        // One request of the largest size must always fit.
        self.totalBodyBytes = max(totalBodyBytes, bodyBytes)
        self.idleSeconds = idleSeconds
        self.requestTime = requestTime
        self.stallTime = stallTime
    }
}
