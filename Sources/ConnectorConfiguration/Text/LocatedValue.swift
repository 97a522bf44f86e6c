package import ConnectorCore

/// A value of a configuration file that remembers where it was written.
package struct LocatedValue: Sendable, Hashable {
    package indirect enum Kind: Sendable, Hashable {
        case null
        case bool(Bool)
        /// The text of a JSON number (JSON5's other spellings are rewritten exactly: `+.5` is `0.5`, `0xFF` is `255`),
        /// or `Infinity`, `-Infinity`, `NaN`.
        case number(String)
        case string(String)
        case array([LocatedValue])
        /// In source order. A name may come twice (the reader has reported it); the last one counts.
        case object([LocatedMember])
    }

    package var kind: Kind
    package var location: SourceLocation

    package init(_ kind: Kind, at location: SourceLocation) {
        self.kind = kind
        self.location = location
    }

    /// The member's value; nil when this is no object or has no such member.
    package subscript(name: String) -> LocatedValue? {
        guard case .object(let members) = kind else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var isNull: Bool { kind == .null }

    /// The kind with its article, as messages name it: "a string".
    package var typeName: String {
        switch kind {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A member of a `LocatedValue` object.
package struct LocatedMember: Sendable, Hashable {
    package var name: String
    package var nameLocation: SourceLocation
    package var value: LocatedValue
}

extension LocatedValue {
    /// The same value without places. JSON cannot write an infinite number or NaN: they become null, as in
    /// `JSON.stringify`; `JSON5Reader` has refused them before unless told otherwise.
    package func toJSONValue() -> JSONValue {
        switch kind {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let text): Self.nonFiniteNumbers.contains(text) ? .null : .number(text)
        case .string(let text): .string(text)
        case .array(let elements): .array(elements.map { $0.toJSONValue() })
        case .object(let members):
            .object(members.map { JSONValue.Member($0.name, $0.value.toJSONValue()) })
        }
    }

    package static let nonFiniteNumbers: Set<String> = ["Infinity", "-Infinity", "NaN"]

    /// This value changed by another (RFC 7396): objects merge member by member, a `null` removes the member,
    /// everything else is replaced. Each part keeps the place where it was written; a merged object has the place of
    /// the override, since that is the file a person edits.
    package func merging(_ override: LocatedValue) -> LocatedValue {
        guard case .object(let changes) = override.kind else { return override }
        var members: [LocatedMember] = []
        if case .object(let own) = kind { members = own }
        for change in changes {
            members.apply(change)
        }
        return LocatedValue(.object(members), at: override.location)
    }
}

extension [LocatedMember] {
    /// Replaces, adds, merges or (by null) removes one member; a replaced one keeps its rank.
    fileprivate mutating func apply(_ change: LocatedMember) {
        let rank = lastIndex { $0.name == change.name }
        guard !change.value.isNull else {
            removeAll { $0.name == change.name }
            return
        }
        var merged = change
        if let rank {
            merged.value = self[rank].value.merging(change.value)
            self[rank] = merged
        } else {
            // Merging into nothing drops the nulls inside, which had nothing to remove.
            merged.value = LocatedValue(.null, at: change.value.location).merging(change.value)
            append(merged)
        }
    }
}
