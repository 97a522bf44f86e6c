/// What makes one shape of object out of another: a model's fields, and where each comes from. Data of a definition.
package struct FieldMap: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package var name: String
        /// The first that yields a value counts.
        package var sources: [Source]

        package init(_ name: String, _ sources: [Source]) {
            self.name = name
            self.sources = sources
        }
    }

    /// Where a value is, and how it is written there.
    package struct Source: Sendable, Equatable {
        package var path: [String] = []
        package var format: Format = .asIs
        /// Words of theirs to words of ours; others stay as they are.
        package var values: [String: String] = [:]
        /// Taken instead of anything in the record.
        package var constant: JSONValue?
        /// Only where this member is true, or a number other than zero.
        package var condition: [String]?
        /// Where it is written, if not at `path`.
        package var target: [String]?
        /// What is written, with `${value}` in it; nil for the value itself.
        package var written: JSONTemplate?
        /// Never written: the API sets it.
        package var isReadOnly = false

        package init() {}
    }

    package enum Format: Sendable, Equatable {
        case asIs
        /// A number or a text, as text: ids.
        case text
        case time(CursorFormat)
        /// Decimal text, as an integer of the smallest unit of the currency under this path.
        case decimal(currency: [String])
    }

    package var fields: [Field]

    package init(_ fields: [Field]) {
        self.fields = fields
    }

    /// Fields without a value are left out. A decimal that can't be an amount of its currency is left out too, unless
    /// nothing may be lost: then `mistakes` names it.
    package func apply(to record: JSONValue) -> (object: JSONValue, mistakes: [String]) {
        var members: [JSONValue.Member] = []
        var mistakes: [String] = []
        for field in fields {
            for source in field.sources {
                switch source.value(in: record) {
                case .success(let value?):
                    members.append(JSONValue.Member(field.name, value))
                case .success(nil): continue
                case .failure(let mistake): mistakes.append("\(field.name): \(mistake.text)")
                }
                break
            }
        }
        return (.object(members), mistakes)
    }
}

extension FieldMap.Source {
    struct Mistake: Error {
        let text: String
    }

    func value(in record: JSONValue) -> Result<JSONValue?, Mistake> {
        if let condition, !Self.holds(FieldPath.value(at: condition, in: record)) { return .success(nil) }
        if let constant { return .success(constant) }
        guard let found = FieldPath.value(at: path, in: record), !found.isNull else { return .success(nil) }
        switch format {
        case .asIs: return .success(translated(found))
        case .text: return .success(.string(found.string ?? found.text))
        case .time(let format): return time(found, format)
        case .decimal(let currency): return amount(found, FieldPath.value(at: currency, in: record)?.string)
        }
    }

    private static func holds(_ value: JSONValue?) -> Bool {
        guard let value else { return false }
        if let bool = value.bool { return bool }
        return value.int64.map { $0 != 0 } ?? false
    }

    private func translated(_ value: JSONValue) -> JSONValue {
        guard let text = value.string, let word = values[text] else { return value }
        return .string(word)
    }

    private func time(_ value: JSONValue, _ format: CursorFormat) -> Result<JSONValue?, Mistake> {
        let bytes = value.bytes
        guard let nanoseconds = format.value(of: bytes, 0..<bytes.count) else {
            return .failure(Mistake(text: "\(value.text.prefix(60)) is not a time of the format \(format.rawValue)"))
        }
        return .success(.string(Instant(nanoseconds: nanoseconds).iso8601()))
    }

    private func amount(_ value: JSONValue, _ currency: String?) -> Result<JSONValue?, Mistake> {
        guard let currency, let places = CurrencyExponent.of(currency) else {
            return .failure(Mistake(text: "the currency \(currency ?? "(none)") is not one of ISO 4217"))
        }
        let text = value.string ?? value.number ?? ""
        do throws(DecimalAmount.Mistake) {
            return .success(.number(String(try DecimalAmount.minorUnits(text, places: places))))
        } catch {
            return .failure(Mistake(text: "\(text.prefix(60)) is not an amount of \(currency): \(error)"))
        }
    }
}
