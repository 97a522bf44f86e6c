import ConnectorCore

/// Reads the `webhook` block of a definition, with what the connector file says merged over it.
struct WebhookReader {
    let resolver: any ConfigResolver
    /// The streams that the connector runs.
    let chosen: [StreamDefinition]
    /// Every stream that the definition knows, chosen or not.
    let known: [String]

    /// A day of every sender's repetitions, and a year: ids fill the state.
    private static let rememberRange = Duration.seconds(3_600)...Duration.seconds(366 * 86_400)

    func read(_ reader: inout ConfigReader) -> WebhookRule? {
        let scheme = WebhookSchemeReader().read(&reader)
        let allowsUnsigned = scheme == nil && reader.optionalString("signature") == "none"
        var rule = WebhookRule(scheme: scheme ?? .hmac(WebhookSignature()), allowsUnsigned: allowsUnsigned)
        rule.secrets = secrets(&reader, isNeeded: !allowsUnsigned)
        if let flaw = scheme?.flaw(of: rule.secrets) {
            let key = reader.contains("secrets") ? "secrets" : "secret"
            reader.error(key, "can prove nothing: \(flaw)", "copy it as the sender shows it")
        }
        rule.events = reader.path("events")
        rule.id = fields("id", &reader) ?? [.path(["id"])]
        rule.type = fields("type", &reader) ?? [.path(["type"])]
        rule.version = reader.optionalObject("version", version)
        rule.object = reader.path("object") ?? []
        rule.streams = reader.optionalStrings("streams")
        for name in rule.streams where !ConnectorName.isValid(name) || known.contains(name) {
            let problem =
                known.contains(name) ? "\"\(name)\" is a list already" : "\"\(name)\" can't be a stream's name"
            reader.error("streams", problem, "name only what no list fills; \(ConnectorName.rule)")
        }
        rule.remember = reader.optionalDuration(
            "remember",
            range: Self.rememberRange,
            default: WebhookRule.defaultRemember
        )
        rule.handshake = reader.optionalString("handshake")
        rule.setup = reader.optionalString("setup")
        rule.effects = effects(&reader, rule)
        return rule
    }

    private func secrets(_ reader: inout ConfigReader, isNeeded: Bool) -> [Secret] {
        let single = reader.secret("secret", resolver)
        let several = reader.optional("secrets")?.elements { ConfigReader.secret($0, resolver) } ?? []
        if reader.contains("secret"), reader.contains("secrets") {
            reader.error("secrets", "stands beside `secret`", "keep one of the two")
        }
        if isNeeded, !reader.contains("secret"), !reader.contains("secrets") {
            reader.error(
                "secret",
                "is missing",
                "write the signing secret that the sender shows: { credential: \"NAME\" }"
            )
        }
        return several + (single.map { [$0] } ?? [])
    }

    private func version(_ reader: inout ConfigReader) -> WebhookRule.Version? {
        let format = reader.optionalChoice("format", default: CursorFormat.iso8601)
        guard let item = reader.required("field", "a path"), let field = FieldPath.parse(item) else { return nil }
        return WebhookRule.Version(field: field, format: format)
    }

    /// A path, `{ header: … }`, `{ query: … }`, `{ text: … }`, or an array of these; an empty one is none.
    private func fields(_ key: String, _ reader: inout ConfigReader) -> [WebhookField]? {
        guard let item = reader.optional(key) else { return nil }
        if case .array = item.value.kind { return item.elements(field) }
        return field(item).map { [$0] }
    }

    private func field(_ item: ConfigItem) -> WebhookField? {
        if case .string = item.value.kind { return FieldPath.parse(item).map(WebhookField.path) }
        return item.object { reader in
            let places = [
                reader.optionalString("header").map(WebhookField.header),
                reader.optionalString("query").map(WebhookField.query),
                reader.optionalString("text").map(WebhookField.text),
            ].compactMap { $0 }
            guard places.count == 1 else {
                item.error("names \(places.count) places", "write a path, { header: … }, { query: … } or { text: … }")
                return nil
            }
            return places[0]
        }
    }

    /// What leads to streams that the file does not choose leads nowhere.
    private func effects(_ reader: inout ConfigReader, _ rule: WebhookRule) -> [WebhookEffect] {
        let names = chosen.map(\.id.stream) + rule.streams
        let all = Set(names + known)
        let read = reader.optionalMap("on") { types, effect in
            self.effect(types, &effect, all)
        }
        if !reader.contains("on") {
            reader.error("on", "is missing", "say what events do: on: { \"customer.*\": { upsert: \"customers\" } }")
        }
        return read.compactMap { entry in
            var effect = entry.value
            if let stream = effect.stream, !names.contains(stream) { (effect.stream, effect.action) = (nil, nil) }
            effect.syncs = effect.syncs.filter { name in chosen.contains { $0.id.stream == name } }
            return effect.stream == nil && effect.syncs.isEmpty ? nil : effect
        }
    }

    /// One name, or an array of them.
    private func names(_ item: ConfigItem) -> [String] {
        if case .string(let name) = item.value.kind { return [name] }
        return item.strings() ?? []
    }

    private func effect(_ types: String, _ reader: inout ConfigReader, _ streams: Set<String>) -> WebhookEffect? {
        var effect = WebhookEffect(types)
        let upsert = reader.optionalString("upsert")
        let delete = reader.optionalString("delete")
        effect.syncs = reader.optional("sync").map(names) ?? []
        effect.stream = upsert ?? delete
        effect.action = upsert != nil ? .upsert : delete != nil ? .delete : nil
        if upsert != nil, delete != nil { reader.error("delete", "stands beside `upsert`", "keep one of the two") }
        effect.object = reader.path("object")
        if effect.object != nil, effect.stream == nil {
            reader.error("object", "is of no record", "write upsert or delete beside it, with the stream's name")
        }
        if let item = reader.optional("key") {
            if case .string = item.value.kind {
                effect.key = FieldPath.parse(item).map { [$0] }
            } else {
                effect.key = item.elements { FieldPath.parse($0) }
            }
        }
        if effect.stream == nil, !reader.contains("sync") {
            reader.error("upsert", "is missing", "write upsert, delete or sync with the streams concerned")
        }
        for (key, name) in [("upsert", upsert), ("delete", delete)] + effect.syncs.map({ ("sync", Optional($0)) }) {
            guard let name, !streams.contains(name) else { continue }
            let nearest = NearestName.of(name, among: streams).map { "did you mean \"\($0)\"?" }
            reader.error(
                key,
                "there is no stream \"\(name)\"",
                nearest ?? "name one of streams, or add it to webhook.streams"
            )
        }
        return effect
    }
}
