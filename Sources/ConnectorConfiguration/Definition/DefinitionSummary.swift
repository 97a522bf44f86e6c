package import ConnectorCore

/// What a definition knows of its API, for a person who chooses one: streams, what of deletions they show, and how the facts
/// were verified. Read from the text alone: it needs no secret and no setting.
package struct DefinitionSummary: Sendable {
    package struct Stream: Sendable {
        package var name: String
        package var request: String
        /// How pages are asked for.
        package var paging: String
        /// By what a sync finds what is new; nil: everything is read each time.
        package var cursor: String?
        /// How deletions are seen, and how late.
        package var deletions: String
        package var model: String?
    }

    package var name: String
    package var description: String
    /// How its facts were verified: against a real server, with the vendor's own examples, or by documentation only.
    package var verified: String
    package var apiVersion: String?
    package var apiEnds: String?
    package var auth: String
    /// Settings that a connector file must have, and what they mean.
    package var settings: [(name: String, meaning: String)]
    package var environments: [String]
    package var rateLimit: String?
    package var streams: [Stream]
    /// Types of events, nil without a webhook.
    package var events: [String]?
    package var operations: [String]

    package init(_ name: String, _ definition: LocatedValue) {
        let json = definition.toJSONValue()
        func text(_ key: String) -> String? { json[key]?.string ?? json[key]?.number }
        self.name = name
        description = text("description") ?? ""
        verified = text("verified") ?? "documentation"
        apiVersion = text("api_version")
        apiEnds = text("api_ends")
        auth = json["auth_type"]?.string ?? "bearer"
        settings = (json["required_settings"]?.members ?? []).map { ($0.name, $0.value.string ?? "") }
        environments = json["environments"]?.members?.map(\.name) ?? []
        rateLimit = text("rate_limit")
        events = json["webhook"]?["on"]?.members?.map(\.name)
        operations = json["operations"]?.members?.map(\.name).sorted() ?? []
        let merged = Self.streams(definition)
        let feeds = merged.filter { !$0.value["feed"].isAbsent }
        streams = merged.map { name, stream in
            Stream(
                name: name,
                request:
                    "\(stream["method"]?.string ?? (stream["body"].isAbsent ? "GET" : "POST")) \(stream["path"]?.string ?? "")",
                paging: stream["paging"]?["style"]?.string ?? "none",
                cursor: Self.cursor(stream),
                deletions: Self.deletions(name, stream, feeds, json["webhook"]),
                model: stream["model"]?.string
            )
        }
    }

    /// With what all of them have.
    private static func streams(_ definition: LocatedValue) -> [(name: String, value: JSONValue)] {
        guard case .object(let members) = definition["streams"]?.kind else { return [] }
        return members.lastOfEachName.filter { !$0.value.isNull }.map { member in
            (member.name, (definition["defaults"]?.merging(member.value) ?? member.value).toJSONValue())
        }
    }

    private static func path(_ value: JSONValue?) -> String? {
        value?.string ?? value?.array?.compactMap(\.string).joined(separator: ".")
    }

    private static func cursor(_ stream: JSONValue) -> String? {
        guard let cursor = stream["cursor"], let field = path(cursor["field"]) else { return nil }
        let filters = ["lower", "lower_headers", "lower_body", "lower_text"].contains { !cursor[$0].isAbsent }
        return filters ? field : "\(field), the list has no filter"
    }

    private static func deletions(
        _ name: String,
        _ stream: JSONValue,
        _ feeds: [(name: String, value: JSONValue)],
        _ webhook: JSONValue?
    ) -> String {
        var ways: [String] = []
        if !stream["deleted"].isAbsent { ways.append("by the list itself") }
        for feed in feeds where !(feed.value["feed"]?["deletes"]?.array ?? []).isEmpty {
            let targets = feed.value["feed"]?["routes"]?.members?.compactMap(\.value.string) ?? []
            if targets.contains(name) { ways.append("by the stream \(feed.name)") }
        }
        let effects = webhook?["on"]?.members?.map(\.value) ?? []
        if effects.contains(where: { $0["delete"]?.string == name }) { ways.append("by webhook, at once") }
        if stream["cursor"].isAbsent, stream["feed"].isAbsent { ways.append("at each reading") }
        if let every = stream["resync"]?["every"]?.string { ways.append("by reading all, every \(every)") }
        return ways.isEmpty ? "not seen" : ways.joined(separator: "; ")
    }

    package var json: JSONValue {
        func optional(_ name: String, _ value: String?) -> [JSONValue.Member] {
            value.map { [.init(name, .string($0))] } ?? []
        }
        let list = streams.map { stream in
            JSONValue.object(
                [
                    .init("name", .string(stream.name)), .init("request", .string(stream.request)),
                    .init("paging", .string(stream.paging)), .init("deletions", .string(stream.deletions)),
                ] + optional("cursor", stream.cursor) + optional("model", stream.model)
            )
        }
        return .object(
            [
                .init("name", .string(name)), .init("description", .string(description)),
                .init("verified", .string(verified)), .init("auth", .string(auth)),
                .init("settings", .object(settings.map { .init($0.name, .string($0.meaning)) })),
                .init("environments", .array(environments.map(JSONValue.string))),
                .init("streams", .array(list)), .init("operations", .array(operations.map(JSONValue.string))),
            ] + optional("api_version", apiVersion) + optional("api_ends", apiEnds)
                + (events.map { [.init("events", .array($0.map(JSONValue.string)))] } ?? [])
        )
    }
}

extension JSONValue? {
    /// Not written, or taken away.
    fileprivate var isAbsent: Bool { self?.isNull ?? true }
}
