import ConnectorCore

/// Reads the sections `aitbc` and `http` of `connectord.json5`.
struct NetworkSinkReader {
    let resolver: any ConfigResolver
    let diagnostics: DiagnosticCollector

    private enum HTTPFormat: String, CaseIterable {
        case ndjson, array
    }

    /// What each batch says of itself.
    private static let ownHeaders = ["Content-Type", "Idempotency-Key"]

    func aitbc(_ reader: inout ConfigReader) -> NetworkSinkConfig? {
        let parts = ConnectorReader(resolver: resolver, defaultSink: "", sinks: [], diagnostics: diagnostics)
        guard let base = parts.baseURL(&reader) else { return skipRest(&reader) }
        if base.scheme == "http", !base.isLoopback {
            reader.error("base_url", "sends records unencrypted to \(base.host)", "use https://")
        }
        var sink = common(&reader, parts, "sink.aitbc", base, .records)
        sink.apiVersion = reader.optionalString("api_version", default: "v1")
        if sink.apiVersion.contains(where: { "/?# ".contains($0) }) {
            reader.error("api_version", "can't stand in a path", "write a plain word, such as \"v1\"")
        }
        sink.path = reader.optionalString("path", default: "records")
        sink.enterpriseID = reader.optionalString("enterprise_id")
        sink.target.tls = parts.tls(&reader)
        sink.tenantID = reader.optionalString("tenant_id")
        sink.region = reader.optionalString("region")
        let longest = Duration.seconds(86_400)
        sink.target.limits.idleTimeout = reader.optionalDuration(
            "timeout",
            range: .milliseconds(1)...longest,
            default: .seconds(30)
        )
        return sink
    }

    func http(_ reader: inout ConfigReader) -> NetworkSinkConfig? {
        let parts = ConnectorReader(resolver: resolver, defaultSink: "", sinks: [], diagnostics: diagnostics)
        let url = reader.parsed("url", "an absolute URL such as \"https://logs.example.com/ingest\"") { text in
            text.contains("#") ? nil : URLReference(text)
        }
        guard let url else { return skipRest(&reader) }
        let format = reader.optionalChoice("format", default: HTTPFormat.ndjson)
        var sink = common(&reader, parts, "sink.http", url, format == .array ? .array : .ndjson)
        sink.target.allowInsecure = reader.optionalBool("allow_insecure", default: false)
        if url.scheme == "http", !url.isLoopback, !sink.target.allowInsecure {
            let remedy = "use https://, or set allow_insecure: true if the network is trusted"
            reader.error("url", "sends records unencrypted to \(url.host)", remedy)
        }
        sink.target.headers = reader.queries("headers", known: [])
        HeaderCheck(sink.target.auth, also: Self.ownHeaders.map { ($0, "the sink") }).check(&reader)
        sink.target.limits = parts.limits(&reader)
        sink.target.tls = parts.tls(&reader)
        return sink
    }

    /// Without an address nothing else is worth a line.
    private func skipRest(_ reader: inout ConfigReader) -> NetworkSinkConfig? {
        for name in reader.names { reader.allow(name) }
        return nil
    }

    /// What both sinks have.
    private func common(
        _ reader: inout ConfigReader,
        _ parts: ConnectorReader,
        _ name: String,
        _ address: URLReference,
        _ format: BatchFormat
    ) -> NetworkSinkConfig {
        var target = ConnectorDefinition(name: name, baseURL: address)
        target.errors = ErrorRule(message: [["error"]], code: [["error_code"]])
        target.auth = AuthReader(resolver: resolver).read(&reader)
        target.retry = parts.retry(&reader)
        target.rateLimit = reader.optionalNumber("rate_limit", range: 0.001...100_000)
        target.burstLimit = parts.burst(&reader, target.rateLimit)
        let batches = BatchRule(
            records: reader.optionalInteger("batch_records", range: 1...100_000, default: BatchRule.defaultRecords),
            bytes: reader.optionalInteger("batch_bytes", range: 1_024...(64 << 20), default: BatchRule.defaultBytes),
            inFlight: reader.optionalInteger("batches_in_flight", range: 1...16, default: BatchRule.defaultInFlight)
        )
        return NetworkSinkConfig(target: target, batches: batches, format: format)
    }
}
