/// A sink that is reached over the network: where it is, and how lines are gathered for it.
package struct NetworkSinkConfig: Sendable, Equatable {
    /// Address, proof of identity, limits and retries, under the names that a connector file has for them.
    package var target: ConnectorDefinition
    package var batches: BatchRule
    package var format: BatchFormat
    /// `aitbc`: the version that stands between base URL and path.
    package var apiVersion: String
    /// `aitbc`: where batches go, below the version.
    package var path: String
    /// `aitbc`: sent as `X-Enterprise-ID`, `X-Tenant-ID` and `X-Region`.
    package var enterpriseID: String?
    package var tenantID: String?
    package var region: String?

    package init(
        target: ConnectorDefinition,
        batches: BatchRule = BatchRule(),
        format: BatchFormat,
        apiVersion: String = "v1",
        path: String = "records"
    ) {
        self.target = target
        self.batches = batches
        self.format = format
        self.apiVersion = apiVersion
        self.path = path
    }

    /// What connectors call it.
    package var sinkName: String { format == .records ? "aitbc" : "http" }

    /// Kind, address and whose account it is there. A query may hold a key, so it counts without being shown.
    package var identity: SinkIdentity {
        let parts = target.baseURL.target.split(separator: "?", maxSplits: 1)
        let below = parts.first.map { $0.hasSuffix("/") ? $0.dropLast() : $0 } ?? ""
        var text = "\(sinkName):\(target.baseURL.origin)\(below)"
        if format == .records { text += "/\(apiVersion)/\(path)" }
        if parts.count > 1 { text += "?\(String(ContentHash.hash(Array(parts[1].utf8)).high, radix: 16))" }
        let account = [enterpriseID, tenantID].compactMap(\.self)
        return SinkIdentity(account.isEmpty ? text : "\(text)#\(account.joined(separator: "/"))")
    }
}

/// How many lines make a batch.
package struct BatchRule: Sendable, Equatable {
    /// Few enough that a server answers well before a timeout.
    package static let defaultRecords = 500
    /// What most servers take in one request by default (nginx: 1 MiB).
    package static let defaultBytes = 1 << 20
    /// With one at a time, versions of a record arrive in their order.
    package static let defaultInFlight = 1

    /// Most lines of a batch.
    package var records: Int
    /// Most bytes of its lines; a longer line is a batch of its own.
    package var bytes: Int
    /// Batches of one stream on their way at the same time.
    package var inFlight: Int

    package init(records: Int = defaultRecords, bytes: Int = defaultBytes, inFlight: Int = defaultInFlight) {
        self.records = records
        self.bytes = bytes
        self.inFlight = inFlight
    }
}

/// What a batch's body looks like. Lines go into it byte for byte.
package enum BatchFormat: String, Sendable, CaseIterable {
    /// A line a record (`application/x-ndjson`).
    case ndjson
    /// `[line,line]`.
    case array
    /// `{"records":[line,line]}`: what AITBC takes.
    case records

    package var contentType: String {
        self == .ndjson ? "application/x-ndjson" : "application/json"
    }
}
