package import ConnectorCore

/// Values that are this program's own: secrets, templates, paths, schedules.
extension ConfigReader {
    /// `{ credential: "name" }`, `{ file: "path" }`, `{ env: "NAME" }`, or, with a warning, the secret itself.
    package mutating func secret(_ key: String, _ resolver: any ConfigResolver, _ form: SecretForm = .line) -> Secret? {
        optional(key).flatMap { Self.secret($0, resolver, form) }
    }

    /// The same for a value.
    package static func secret(_ item: ConfigItem, _ resolver: any ConfigResolver, _ form: SecretForm = .line)
        -> Secret?
    {
        let secret = source(item, resolver)
        // It would end a header, and what stands behind the break is none of the secret.
        let lines = secret?.reveal().split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count ?? 1
        if form == .line, lines > 1 {
            item.error(
                "the secret has \(lines) lines, and a key has one",
                "keep nothing else with it, no empty line either"
            )
            return nil
        }
        return secret
    }

    private static func source(_ item: ConfigItem, _ resolver: any ConfigResolver) -> Secret? {
        if case .string(let text) = item.value.kind {
            guard !text.isEmpty else {
                item.error("is empty", "write { credential: \"NAME\" }")
                return nil
            }
            item.warning(
                "the secret stands in the file itself",
                "keep it with systemd's LoadCredential and write { credential: \"NAME\" }"
            )
            return Secret(text)
        }
        return item.object { reader in
            let sources = [
                reader.optionalString("credential").map(SecretReference.credential),
                reader.optionalString("file").map(SecretReference.file),
                reader.optionalString("env").map(SecretReference.environment),
            ].compactMap { $0 }
            guard sources.count == 1, let source = sources.first else {
                item.error(
                    "names \(sources.count) places for the secret",
                    "write one of { credential: \"NAME\" }, { file: \"PATH\" }, { env: \"NAME\" }"
                )
                return nil
            }
            do throws(ConfigResolverError) {
                return try resolver.secret(source)
            } catch {
                item.error(error.problem, error.remedy)
                return nil
            }
        }
    }

    package mutating func requiredSecret(_ key: String, _ resolver: any ConfigResolver, _ form: SecretForm = .line)
        -> Secret?
    {
        guard contains(key) else {
            _ = required(key, "a secret such as { credential: \"NAME\" }")
            return nil
        }
        return secret(key, resolver, form)
    }

    /// The name of a sink.
    package mutating func sink(_ key: String, known: [String]) -> String? {
        guard let item = optional(key), let name = item.string() else { return nil }
        guard known.contains(name) else {
            let nearest = NearestName.of(name, among: known).map { "did you mean \"\($0)\"?" }
            item.error("there is no sink \"\(name)\"", nearest ?? "known: \(known.joined(separator: ", "))")
            return nil
        }
        return name
    }

    package mutating func path(_ key: String) -> [String]? {
        optional(key).flatMap(FieldPath.parse)
    }

    package mutating func template(_ key: String, known: [String]) -> Template? {
        optional(key).flatMap { Self.template($0, known: known) }
    }

    /// A text whose placeholders are all known here.
    package static func template(_ item: ConfigItem, known: [String]) -> Template? {
        guard let text = item.scalarText() else {
            item.mismatch(expected: "text", remedy: "write it in quotes; placeholders look like ${cursor}")
            return nil
        }
        guard let template = Template(text) else {
            item.error("has a placeholder that is not closed", "write placeholders as ${name}, a literal ${ as $${")
            return nil
        }
        check(template.variables, known: known, item)
        return template
    }

    package mutating func queries(_ key: String, known: [String]) -> [QueryTemplate] {
        let entries = optional(key)?.entries { name, item in Self.template(item, known: known) }
        return (entries ?? []).map { QueryTemplate($0.name, $0.value) }
    }

    package mutating func jsonTemplate(_ key: String, known: [String]) -> JSONTemplate? {
        guard let item = optional(key) else { return nil }
        guard let template = JSONTemplate(item.json()) else {
            item.error("has a placeholder that is not closed", "write placeholders as ${name}")
            return nil
        }
        Self.check(template.variables, known: known, item)
        return template
    }

    private static func check(_ names: [String], known: [String], _ item: ConfigItem) {
        for name in names where !known.contains(name) && !ConnectorReader.ownValues.contains(where: name.hasPrefix) {
            let nearest = NearestName.of(name, among: known).map { "did you mean ${\($0)}?" }
            let list = (known + ConnectorReader.ownValues.map { $0 + "…" }).map { "${\($0)}" }.joined(separator: ", ")
            item.error("unknown placeholder ${\(name)}", nearest ?? "known here: \(list)")
        }
    }

    /// `{ every: "5m", jitter: "30s" }` or `{ cron: "*/15 6-20 * * 1-5", time_zone: "Europe/Zurich" }`.
    package mutating func schedule(_ key: String, _ resolver: any ConfigResolver) -> Schedule? {
        optionalObject(key) { reader in
            let every = reader.optionalDuration("every", range: .seconds(1)...(.seconds(366 * 86_400)))
            let jitter = reader.optionalDuration("jitter", range: .zero...(.seconds(86_400)))
            let cron = reader.optional("cron")
            let zone = reader.optional("time_zone")
            if let zone, cron == nil { zone.error("stands without `cron`", "an interval has no time zone; remove it") }
            if let cron {
                if jitter != nil { reader.error("jitter", "stands beside `cron`", "remove it") }
                if every != nil { cron.error("stands beside `every`", "keep one of the two") }
                return Self.cronSchedule(cron, zone, resolver)
            }
            guard let every else {
                if !reader.contains("every") {
                    reader.error("every", "is missing", "write { every: \"5m\" } or { cron: \"…\" }")
                }
                return nil
            }
            return .every(every, jitter: jitter ?? .zero)
        }
    }

    private static func cronSchedule(_ cron: ConfigItem, _ zone: ConfigItem?, _ resolver: any ConfigResolver)
        -> Schedule?
    {
        guard let text = cron.string() else { return nil }
        var rule = CalendarRule.utc
        if let zone, let name = zone.string() {
            do throws(ConfigResolverError) {
                rule = try resolver.timeZone(name)
            } catch {
                zone.error(error.problem, error.remedy)
            }
        }
        do throws(CronError) {
            return .cron(try CronExpression(text), rule)
        } catch {
            cron.error(error.message, "write five fields: minute hour day month weekday")
            return nil
        }
    }
}

extension ConfigItem {
    /// The text of a string, number or boolean.
    package func scalarText() -> String? {
        switch value.kind {
        case .string(let text): text
        case .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}
