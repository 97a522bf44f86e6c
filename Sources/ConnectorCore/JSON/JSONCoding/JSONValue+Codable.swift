/// With the SDK's own coders a value passes through untouched. In others (Foundation's) numbers go as `Int64`,
/// `UInt64` or `Double`, whichever holds them first: digits beyond a double are lost there.
extension JSONValue: Codable {
    /// Reads any JSON.
    public init(from decoder: any Decoder) throws {
        if let own = decoder as? any JSONValueReading {
            self = own.value
        } else if let array = try? decoder.unkeyedContainer() {
            // `Decoder` has no other way to ask what is there: each failed try means "not this kind".
            self = .array(try Self.elements(array))
        } else if let object = try? decoder.container(keyedBy: JSONKey.self) {
            let members = try object.allKeys.map {
                Member($0.stringValue, try object.decode(JSONValue.self, forKey: $0))
            }
            self = .object(members)
        } else {
            self = try Self.scalar(try decoder.singleValueContainer())
        }
    }

    private static func elements(_ container: any UnkeyedDecodingContainer) throws -> [JSONValue] {
        var container = container
        var elements: [JSONValue] = []
        while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
        return elements
    }

    private static func scalar(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
        if container.decodeNil() { return .null }
        // The same: each failed try means "not this kind".
        if let value = try? container.decode(Bool.self) { return .bool(value) }
        if let value = try? container.decode(Int64.self) { return .number(String(value)) }
        if let value = try? container.decode(UInt64.self) { return .number(String(value)) }
        if let value = try? container.decode(Double.self), value.isFinite { return .number(String(value)) }
        return .string(try container.decode(String.self))
    }

    /// Writes any JSON.
    public func encode(to encoder: any Encoder) throws {
        if let own = encoder as? any JSONValueWriting {
            own.place(self)
            return
        }
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .string(let text): try text.encode(to: encoder)
        case .number(let text): try Self.encode(number: text, to: encoder)
        case .array(let elements): try elements.encode(to: encoder)
        case .object(let members):
            var container = encoder.container(keyedBy: JSONKey.self)
            for member in members { try container.encode(member.value, forKey: JSONKey(member.name)) }
        }
    }

    private static func encode(number text: String, to encoder: any Encoder) throws {
        if let value = JSONNumber.int64(text) {
            try value.encode(to: encoder)
        } else if let value = UInt64(text) {
            try value.encode(to: encoder)
        } else if let value = Double(text), value.isFinite {
            try value.encode(to: encoder)
        } else {
            let context = EncodingError.Context(
                codingPath: encoder.codingPath,
                debugDescription: "\(text) is too large"
            )
            throw EncodingError.invalidValue(text, context)
        }
    }
}

/// A member's name or an element's index, wherever a coder needs a key.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(stringValue: String) {
        self.init(stringValue)
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// Our own decoder: hands out the value as it is.
protocol JSONValueReading {
    var value: JSONValue { get }
}

/// Our own encoder: takes a value as it is.
protocol JSONValueWriting {
    func place(_ value: JSONValue)
}

extension Instant: Codable {
    /// Reads ISO 8601 with an offset or `Z`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(iso8601: text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is not a time (ISO 8601)"
            )
        }
        self = instant
    }

    /// Writes ISO 8601 in UTC.
    public func encode(to encoder: any Encoder) throws {
        try iso8601().encode(to: encoder)
    }
}
