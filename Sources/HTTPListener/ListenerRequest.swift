package import ConnectorCore

/// One complete request. Its body is within the limit.
package struct ListenerRequest: Sendable, Equatable {
    package var method: String
    /// As it stood in the request line: path and query, percent-encoded.
    package var target: String
    /// The decoded path. An encoded slash is a slash here; who cares looks at `target`.
    package var path: String
    /// Decoded pairs in the order they came; a name may come more than once.
    package var query: [QueryItem]
    package var headers: TransportHeaders
    package var body: [UInt8]
    /// The client's address without its port, `unix` for a socket file.
    package var peer: String

    package struct QueryItem: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        method: String = "GET",
        target: String,
        headers: TransportHeaders = [:],
        body: [UInt8] = [],
        peer: String = "127.0.0.1"
    ) {
        let (path, query) = TargetText.parse(target)
        self.method = method
        self.target = target
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
    }

    /// Whether its head says that a body follows.
    package var announcesBody: Bool {
        headers["Transfer-Encoding"] != nil || headers["Content-Length"].map { $0 != "0" } ?? false
    }

    /// The first value of a query parameter.
    package func query(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}
