/// The plan under which a stream's state is made: what its cursor, its walk and its memory mean. Kept in the state, so
/// that a plan that has changed is noticed, part by part.
package struct PlanFingerprint: Sendable, Equatable {
    package enum Part: String, Sendable, CaseIterable {
        /// Which fields name a record.
        case key
        /// Which fields the cursor follows; empty without one.
        case cursor
        case format
        case order
        /// What a walk's position depends on.
        case paging
        /// Address, path, filters and body: which list it is. Hashed, since it may be long, or hold a key.
        case request
        /// Values of the connector file that requests are filled with: a tenant, a company, a shop. Hashed.
        case settings
        /// The value at which the list is read from; an earlier one brings records that were never asked for.
        case start
        case comparison
        case resync
        /// Records are events that carry others.
        case feed
        /// What of a record says that it is gone.
        case deleted
        /// A feed delivers into the stream.
        case target
        /// What follows from all of it: every record, or ties.
        case memory
    }

    package var parts: [Part: String]

    package init(
        _ stream: StreamDefinition,
        base: URLReference,
        settings: [String: TemplateVariables.Value] = [:]
    ) {
        let cursor = stream.cursor
        let request =
            [stream.method, base.text, Self.text(stream.path)] + (stream.query + stream.headers).map(Self.text)
            + [stream.body.map(Self.text) ?? ""]
        let used = Set(stream.variables)
        let values = settings.filter { used.contains($0.key) || used.contains("settings." + $0.key) }
        let filled = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
        parts = [
            .settings: values.isEmpty ? "" : Self.hash(filled),
            .start: cursor?.start.map { String($0) } ?? "",
            .key: (stream.record.isEmpty ? "" : Self.text([stream.record]) + ": ") + Self.text(stream.key),
            .cursor: Self.text((cursor?.fields ?? []).map { stream.record + $0 }),
            .format: cursor?.format.rawValue ?? "",
            .order: cursor?.order.rawValue ?? "",
            .paging: Self.text(stream.paging),
            .request: Self.hash(request),
            .comparison: stream.comparison.rawValue,
            .resync: stream.resync == nil ? "no" : "yes",
            .feed: stream.feed == nil ? "no" : "yes",
            .deleted: stream.deleted.map { Self.text([$0.field]) + "=" + $0.values.joined(separator: ",") } ?? "",
            .target: stream.isFeedTarget ? "yes" : "no",
            .memory: stream.plan(base: base).memory().rawValue,
        ]
    }

    /// Nil for text that is no fingerprint.
    package init?(encoded: String) {
        guard let value = try? JSONValue(parsing: encoded), let members = value.members else { return nil }
        parts = [:]
        for member in members {
            guard let part = Part(rawValue: member.name), let text = member.value.string else { continue }
            parts[part] = text
        }
    }

    package var encoded: String {
        JSONValue.object(
            Part.allCases.compactMap { part in parts[part].map { .init(part.rawValue, .string($0)) } }
        ).text
    }

    /// What differs. A part that the other one does not know was no question yet when it was made.
    package func changes(since other: PlanFingerprint) -> [Part] {
        Part.allCases.filter { part in
            guard let before = other.parts[part], let now = parts[part] else { return false }
            return before != now
        }
    }

    private static func hash(_ lines: [String]) -> String {
        String(ContentHash.hash(Array(lines.joined(separator: "\n").utf8)).high, radix: 16)
    }

    private static func text(_ fields: [[String]]) -> String {
        fields.map { $0.joined(separator: ".") }.joined(separator: ",")
    }

    /// Of a page's size only numbers of pages depend: elsewhere a walk goes on at its place.
    private static func text(_ paging: PagingRule) -> String {
        let size = paging.style == .page ? paging.size : nil
        let parts: [String?] = [
            // An offset from 0 is written as it was before there were others.
            paging.style.rawValue, paging.parameter, String(paging.style == .offset ? 1 - paging.first : paging.first),
            size == nil ? nil : paging.sizeParameter,
            size.map { String($0) }, paging.field?.joined(separator: "."),
            ((paging.next ?? []) + (paging.nextChoice.map { $0.field + [$0.equals] + $0.value } ?? [])).joined(
                separator: "."
            ),
            paging.anchor.rawValue, paging.body.map(text),
        ]
        return parts.map { $0 ?? "" }.joined(separator: " ")
    }

    private static func text(_ parameter: QueryTemplate) -> String { "\(parameter.name)=\(text(parameter.value))" }

    private static func text(_ template: Template) -> String {
        template.parts.map { part in
            switch part {
            case .text(let text): text
            case .variable(let name): "${\(name)}"
            }
        }.joined()
    }

    private static func text(_ template: JSONTemplate) -> String {
        switch template {
        case .constant(let value): value.text
        case .text(let template): JSONValue.string(text(template)).text
        case .array(let elements): "[" + elements.map(text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { JSONValue.string($0.name).text + ":" + text($0.value) }.joined(separator: ",") + "}"
        }
    }
}
