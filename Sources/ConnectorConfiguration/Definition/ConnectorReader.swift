package import ConnectorCore

/// Makes a connector from its file and its definition, reporting every mistake to the collector.
package struct ConnectorReader {
    package let resolver: any ConfigResolver
    package let defaultSink: String
    package let sinks: [String]
    package let diagnostics: DiagnosticCollector
    /// A daemon's connector without streams is a mistake; a program's may live on operations alone.
    package let needsStreams: Bool

    /// Most streams of one connector; far beyond any API, small enough to keep one file from filling memory.
    static let maximumStreams = 500

    package init(
        resolver: any ConfigResolver,
        defaultSink: String,
        sinks: [String],
        diagnostics: DiagnosticCollector,
        needsStreams: Bool = true
    ) {
        self.needsStreams = needsStreams
        self.resolver = resolver
        self.defaultSink = defaultSink
        self.sinks = sinks
        self.diagnostics = diagnostics
    }

    /// `definition` finds a definition file's content by name.
    package func read(
        _ file: LocatedValue,
        name: String,
        definitions: [String: LocatedValue]
    ) -> ConnectorDefinition? {
        let file = file.withWholeSchedules
        guard let (merged, definition) = merge(file, definitions) else { return nil }
        let choice = StreamChoice(of: file, in: merged, definition: definition, diagnostics)
        let wantsWebhook = file["webhook"]?.isNull == false
        let known = merged["streams"]?.writtenNames ?? []
        return ConfigReader.read(merged, diagnostics: diagnostics) { reader in
            guard var connector = connector(name, &reader, choice, needsStreams: needsStreams && !wantsWebhook) else {
                return nil
            }
            guard wantsWebhook else { return connector }
            let webhooks = WebhookReader(resolver: resolver, chosen: connector.streams, known: known)
            connector.webhook = reader.optionalObject("webhook", webhooks.read)
            connector.streams = markEventTargets(connector)
            return connector
        }
    }

    /// The definition with the file merged over it; every value keeps the place it came from.
    private func merge(
        _ file: LocatedValue,
        _ definitions: [String: LocatedValue]
    ) -> (merged: LocatedValue, definition: LocatedValue?)? {
        guard let chosen = file["definition"], !chosen.isNull else { return (file, nil) }
        let item = ConfigItem(chosen, path: "definition", name: "definition", diagnostics: diagnostics)
        guard let name = item.string() else { return nil }
        guard let definition = definitions[name] else {
            let nearest = NearestName.of(name, among: definitions.keys).map { "did you mean \"\($0)\"?" }
            let known = definitions.keys.sorted().joined(separator: ", ")
            let place = "no definitions were found: name their directory with --definitions"
            item.error("there is no definition \"\(name)\"", nearest ?? (known.isEmpty ? place : "known: \(known)"))
            return nil
        }
        return (definition.merging(file), definition)
    }

    private func connector(
        _ name: String,
        _ reader: inout ConfigReader,
        _ choice: StreamChoice,
        needsStreams: Bool
    ) -> ConnectorDefinition? {
        // A definition's webhook is for those who ask for it: without a secret it could prove nothing.
        reader.allow("definition", "defaults", "webhook", "streams", "description")
        let apiEnds = life(&reader)
        let kind = reader.optionalChoice("kind", default: ConnectorDefinition.Kind.other)
        let settings = settings(&reader)
        let base = address(&reader, settings)
        let allowInsecure = reader.optionalBool("allow_insecure", default: false)
        let schedule = reader.schedule("schedule", resolver) ?? .every(.seconds(300), jitter: .seconds(30))
        let sink = sinkName(&reader)
        guard let base else {
            skipRest(&reader)
            return nil
        }
        checkInsecure(base, allowInsecure, reader)
        var connector = ConnectorDefinition(name: name, kind: kind, baseURL: base, allowInsecure: allowInsecure)
        connector.headers = reader.queries("headers", known: [])
        connector.settings = settings
        connector.apiEnds = apiEnds
        connector.secrets = secrets(&reader)
        connector.auth = AuthReader(resolver: resolver, settings: settings, base: base).read(&reader)
        let headers = HeaderCheck(connector.auth)
        headers.check(&reader)
        headers.checkEach(reader.optional("operations"))
        connector.rateLimit = reader.optionalNumber("rate_limit", range: 0.001...100_000)
        connector.burstLimit = burst(&reader, connector.rateLimit)
        connector.retry = retry(&reader)
        connector.limits = limits(&reader)
        connector.tls = tls(&reader)
        if case .certificate = connector.auth, connector.tls.certificate != nil {
            reader.warning("tls", "has a certificate that is not used: `auth_config` has one", "keep one of the two")
        }
        connector.errors = reader.optionalObject("errors", errors) ?? ErrorRule()
        connector.checkPath = reader.optionalObject("check") { $0.template("path", known: []) }
        connector.operations = OperationReader().operations(&reader)
        connector.models = OperationReader().models(&reader)
        for operation in connector.operations.values {
            for (verb, model) in [("returns", operation.returns), ("takes", operation.takes)] {
                guard let model, connector.models[model] == nil else { continue }
                let problem = "\(operation.name) \(verb) \"\(model)\", which is no model"
                reader.error("operations", problem, "add it to models")
            }
        }
        connector.logLevel = reader.optionalChoice("log_level", of: LogEntry.Level.Name.self)?.level
        connector.maximumConcurrentStreams = reader.optionalInteger("max_concurrent_streams", range: 1...64, default: 4)
        connector.progressTimeout = reader.optionalDuration(
            "progress_timeout",
            range: .seconds(1)...(.seconds(86_400)),
            default: .seconds(600)
        )
        let streams = StreamReader(
            connector: name,
            resolver: resolver,
            defaultSchedule: schedule,
            defaultSink: sink,
            sinks: sinks,
            kind: kind
        )
        connector.streams = read(choice, with: streams, headers, reader, needsStreams)
        connector.sink = sink
        checkSettings(connector, reader)
        SecretPlaces.warn(ofThoseWrittenOutIn: connector, reader)
        return connector
    }

    private func skipRest(_ reader: inout ConfigReader) {
        for name in reader.names { reader.allow(name) }
    }

    private func sinkName(_ reader: inout ConfigReader) -> String {
        reader.sink("sink", known: sinks) ?? defaultSink
    }

    /// What begins the names of a connector's own values in templates.
    static let ownValues = ["settings.", "secrets."]

    private func secrets(_ reader: inout ConfigReader) -> [String: Secret] {
        // One that can't be read has been reported, and keeps its name.
        let entries =
            reader.optional("secrets")?.entries { _, item in
                ConfigReader.secret(item, resolver) ?? Secret("")
            } ?? []
        return Dictionary(entries.map { ("secrets." + $0.name, $0.value) }) { _, last in last }
    }

    func burst(_ reader: inout ConfigReader, _ rate: Double?) -> Double? {
        let burst = reader.optionalNumber("burst_limit", range: 1...100_000)
        if burst != nil, rate == nil, !reader.contains("rate_limit") {
            reader.warning("burst_limit", "says nothing without `rate_limit`", "give rate_limit, or remove it")
        }
        return burst
    }

    func retry(_ reader: inout ConfigReader) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.maxRetries = reader.optionalInteger("max_retries", range: 0...20, default: 3)
        policy.backoff.base = reader.optionalDuration(
            "retry_backoff",
            range: .milliseconds(1)...(.seconds(600)),
            default: .seconds(1)
        )
        return policy
    }

    func limits(_ reader: inout ConfigReader) -> TransportLimits {
        var limits = TransportLimits()
        let range = Duration.milliseconds(1)...(.seconds(86_400))
        limits.idleTimeout = reader.optionalDuration("timeout", range: range, default: .seconds(30))
        limits.connectTimeout = reader.optionalDuration("connect_timeout", range: range, default: .seconds(10))
        limits.totalTimeout = reader.optionalDuration("total_timeout", range: range, default: .seconds(300))
        limits.maximumBodyBytes = reader.optionalInteger(
            "max_response_bytes",
            range: 1024...(1 << 30),
            default: 64 << 20
        )
        return limits
    }

    func tls(_ reader: inout ConfigReader) -> TLSFiles {
        reader.optionalObject("tls") { tls in
            TLSFiles(
                certificate: tls.optionalString("cert_path"),
                key: tls.optionalString("key_path"),
                certificateAuthority: tls.optionalString("ca_path"),
                minimum: tls.optionalChoice("minimum", default: TLSVersion.tls12)
            )
        } ?? TLSFiles()
    }

    private func errors(_ reader: inout ConfigReader) -> ErrorRule? {
        let rule = ErrorRule(
            present: reader.path("present"),
            ok: reader.optionalStrings("ok"),
            message: reader.paths("message"),
            code: reader.paths("code"),
            positionLost: reader.errorMatches("position_lost"),
            credentials: reader.errorMatches("credentials"),
            throttled: reader.errorMatches("throttled"),
            transient: reader.errorMatches("transient")
        )
        if rule.present == nil, !rule.ok.isEmpty {
            reader.error("ok", "is never looked at", "name the member that it stands in: present: \"status\"")
        }
        return rule
    }

    private func read(
        _ choice: StreamChoice,
        with streamReader: StreamReader,
        _ headers: HeaderCheck,
        _ reader: ConfigReader,
        _ needsStreams: Bool
    ) -> [StreamDefinition] {
        let values = choice.streams
        if values.isEmpty, !needsStreams { return [] }
        guard !values.isEmpty, values.count <= Self.maximumStreams else {
            if choice.hasMistakes, values.isEmpty { return [] }
            let found = values.isEmpty ? "names none" : "names more than \(Self.maximumStreams)"
            reader.error("streams", found, "name the lists to keep in step: streams: { charges: {} }")
            return []
        }
        var streams: [StreamDefinition] = []
        for (name, value) in values {
            checkName(name, value)
            checkRoutes(name, value, choice.known)
            let read = ConfigReader.read(value, path: "streams.\(name)", diagnostics: diagnostics) { reader in
                headers.check(&reader)
                return streamReader.read(name, &reader)
            }
            if let read { streams.append(read) }
        }
        return markFeedTargets(streams)
    }

    /// Names become folders and journal fields.
    private func checkName(_ name: String, _ value: LocatedValue) {
        guard !ConnectorName.isValid(name) else { return }
        ConfigItem(value, path: "streams.\(name)", name: name, diagnostics: diagnostics)
            .error("\"\(name)\" can't be a stream's name", ConnectorName.rule)
    }

    /// A route to a stream that is only misspelt would drop its events.
    private func checkRoutes(_ name: String, _ value: LocatedValue, _ known: Set<String>) {
        let stream = ConfigItem(value, path: "streams.\(name)", name: name, diagnostics: diagnostics)
        for route in stream.member("feed")?.member("routes")?.texts ?? [] {
            guard case .string(let target) = route.value.kind, !known.contains(target) else { continue }
            let nearest = NearestName.of(target, among: known).map { "did you mean \"\($0)\"?" }
            route.error("there is no stream \"\(target)\"", nearest ?? "name one of streams")
        }
    }

    /// Events of streams that the file does not choose lead nowhere.
    private func markFeedTargets(_ streams: [StreamDefinition]) -> [StreamDefinition] {
        let chosen = Set(streams.map(\.id.stream))
        let targets = Set(streams.compactMap(\.feed).flatMap(\.routes.values))
        return streams.map { stream in
            var marked = stream
            marked.feed?.routes = stream.feed?.routes.filter { chosen.contains($0.value) } ?? [:]
            marked.isFeedTarget = targets.contains(stream.id.stream)
            return marked
        }
    }

    /// A list beside which events write must know every record, as it must beside a feed.
    private func markEventTargets(_ connector: ConnectorDefinition) -> [StreamDefinition] {
        let targets = Set(connector.webhook?.effects.compactMap(\.stream) ?? [])
        let isTimed = connector.webhook?.version?.format.isTime ?? false
        return connector.streams.map { stream in
            var marked = stream
            marked.hasTimedEvents = isTimed
            if targets.contains(stream.id.stream) { marked.isFeedTarget = true }
            return marked
        }
    }

    /// `${settings.…}` is only complete once connector and definition are merged.
    private func checkSettings(_ connector: ConnectorDefinition, _ reader: ConfigReader) {
        let headers = connector.headers.flatMap(\.value.variables)
        var users = [
            ("the connector's headers need", headers), ("the check needs", connector.checkPath?.variables ?? []),
        ]
        users.append(("the login needs", connector.auth.variables))
        // One line for all: a definition has many, and they need the same.
        users.append(("the operations need", Set(connector.operations.values.flatMap(\.variables)).sorted()))
        users += connector.streams.map { ("stream \($0.id.stream) needs", $0.variables) }
        for (name, value) in connector.settings {
            let inSetting = Template(value.text)?.variables.filter { value.text == "${\($0)}" } ?? []
            users.append(("`\(name)` needs", inSetting))
        }
        for (user, names) in users {
            for name in names where name.hasPrefix("settings.") && connector.settings[name] == nil {
                let setting = name.dropFirst("settings.".count)
                // One that is required was told of, in its own words.
                guard reader.member(of: "required_settings", String(setting)) == nil else { continue }
                reader.error("settings", "has no \"\(setting)\", which \(user)", "add settings: { \(setting): … }")
            }
            for name in names { checkSecret(name, user, connector, reader) }
        }
    }

    private func checkSecret(
        _ name: String,
        _ user: String,
        _ connector: ConnectorDefinition,
        _ reader: ConfigReader
    ) {
        guard name.hasPrefix("secrets."), connector.secrets[name] == nil else { return }
        let secret = String(name.dropFirst("secrets.".count))
        let remedy = "add secrets: { \(secret): { credential: \"NAME\" } }"
        reader.error("secrets", "has no \"\(secret)\", which \(user)", remedy)
    }
}
