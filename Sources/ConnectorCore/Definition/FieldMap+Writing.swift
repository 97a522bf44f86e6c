// The other way: a model's fields as the API's object.

extension FieldMap {
    /// The data under the API's names; fields that the model lacks keep their own. What can't be written in the API's
    /// form is named in `mistakes`.
    package func record(of data: JSONValue) -> (object: JSONValue, mistakes: [String]) {
        var record = JSONValue.object([])
        var mistakes: [String] = []
        for member in data.members ?? [] {
            guard let field = fields.first(where: { $0.name == member.name }) else {
                record.set(member.value, at: [member.name])
                continue
            }
            guard let source = field.writable else { continue }
            if let value = source.written(member.value, currency: currency(of: source, in: data)) {
                record.set(value, at: (source.target ?? source.path)[...])
            } else {
                mistakes.append(member.name)
            }
        }
        return (record, mistakes)
    }

    /// What the data says is the currency of an amount: the field that is read from the same place.
    private func currency(of source: Source, in data: JSONValue) -> String? {
        guard case .decimal(let path) = source.format else { return nil }
        let field = fields.first { $0.sources.contains { $0.path == path && $0.constant == nil } }
        return field.flatMap { data[$0.name]?.string }
    }
}

extension FieldMap.Field {
    /// The first source that says where the value belongs. A place in a list can be read, not written.
    fileprivate var writable: FieldMap.Source? {
        sources.first { source in
            let place = source.target ?? source.path
            return !source.isReadOnly && source.constant == nil && !place.isEmpty && !place.contains { Int($0) != nil }
        }
    }
}

extension FieldMap.Source {
    /// Nil where the value has no form that the API understands.
    fileprivate func written(_ value: JSONValue, currency: String?) -> JSONValue? {
        guard !value.isNull else { return .null }
        guard let sent = formatted(value, currency), let written else { return formatted(value, currency) }
        return written.fill(TemplateVariables(["value": .json(sent)]))
    }

    private func formatted(_ value: JSONValue, _ currency: String?) -> JSONValue? {
        switch format {
        case .asIs:
            let word = value.string.flatMap { word in values.filter { $0.value == word }.keys.min() }
            return word.map { .string($0) } ?? value
        case .text: return value
        case .time(let format):
            guard let instant = value.string.flatMap({ Instant(iso8601: $0) }) else { return nil }
            switch format.variable(for: instant.nanoseconds) {
            case .integer(let number): return .number(String(number))
            case .string(let text): return .string(text)
            case .json, .absent: return nil
            }
        case .decimal:
            guard let units = value.int64, let places = currency.flatMap({ CurrencyExponent.of($0) }) else {
                return nil
            }
            return .string(DecimalAmount.text(units, places: places))
        }
    }
}

extension JSONValue {
    /// Replaces or adds a member below nested objects; makes the objects on the way.
    fileprivate mutating func set(_ value: JSONValue, at path: ArraySlice<String>) {
        guard let name = path.first else {
            self = value
            return
        }
        var members = self.members ?? []
        let index = members.lastIndex { $0.name == name }
        var inner = index.map { members[$0].value } ?? .object([])
        inner.set(value, at: path.dropFirst())
        if let index { members[index].value = inner } else { members.append(Member(name, inner)) }
        self = .object(members)
    }
}
