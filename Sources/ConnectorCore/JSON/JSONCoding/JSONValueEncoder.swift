/// Makes ``JSONValue`` of your types, without Foundation and without losing a digit.
public struct JSONValueEncoder: Sendable {
    /// An encoder.
    public init() {}

    /// Throws an `EncodingError`, for example for a number that is not finite.
    public func encode(_ value: some Encodable) throws -> JSONValue {
        let slot = Slot()
        try value.encode(to: ValueEncoder(slot: slot, codingPath: []))
        return slot.value
    }
}

/// Where a value is being made. Used by one encoding call, on one thread.
private final class Slot {
    private enum Content {
        case empty
        case value(JSONValue)
        case array([Slot])
        case object([(name: String, slot: Slot)])
    }

    private var content = Content.empty

    var value: JSONValue {
        switch content {
        case .empty: .object([])
        case .value(let value): value
        case .array(let slots): .array(slots.map(\.value))
        case .object(let members): .object(members.map { JSONValue.Member($0.name, $0.slot.value) })
        }
    }

    var count: Int { if case .array(let slots) = content { slots.count } else { 0 } }

    func place(_ value: JSONValue) { content = .value(value) }

    func becomeObject() { if case .empty = content { content = .object([]) } }

    func becomeArray() { if case .empty = content { content = .array([]) } }

    func member(_ name: String) -> Slot {
        let slot = Slot()
        var members: [(name: String, slot: Slot)] = []
        if case .object(let present) = content { members = present }
        members.append((name, slot))
        content = .object(members)
        return slot
    }

    func element() -> Slot {
        let slot = Slot()
        var slots: [Slot] = []
        if case .array(let present) = content { slots = present }
        slots.append(slot)
        content = .array(slots)
        return slot
    }
}

private struct ValueEncoder: Encoder, SingleValueEncodingContainer, JSONValueWriting {
    let slot: Slot
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.becomeObject()
        return KeyedEncodingContainer(ObjectContainer<Key>(slot: slot, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.becomeArray()
        return ArrayContainer(slot: slot, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func place(_ value: JSONValue) { slot.place(value) }

    private func number(_ value: some BinaryFloatingPoint & LosslessStringConvertible) throws {
        guard value.isFinite else {
            let context = EncodingError.Context(
                codingPath: codingPath,
                debugDescription: "\(value) is no number in JSON"
            )
            throw EncodingError.invalidValue(value, context)
        }
        place(.number(String(value)))
    }

    func encodeNil() { place(.null) }
    func encode(_ value: Bool) { place(.bool(value)) }
    func encode(_ value: String) { place(.string(value)) }
    func encode(_ value: Double) throws { try number(value) }
    func encode(_ value: Float) throws { try number(value) }
    func encode(_ value: Int) { place(.number(String(value))) }
    func encode(_ value: Int8) { place(.number(String(value))) }
    func encode(_ value: Int16) { place(.number(String(value))) }
    func encode(_ value: Int32) { place(.number(String(value))) }
    func encode(_ value: Int64) { place(.number(String(value))) }
    func encode(_ value: UInt) { place(.number(String(value))) }
    func encode(_ value: UInt8) { place(.number(String(value))) }
    func encode(_ value: UInt16) { place(.number(String(value))) }
    func encode(_ value: UInt32) { place(.number(String(value))) }
    func encode(_ value: UInt64) { place(.number(String(value))) }
    func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}

private struct ObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: Slot
    let codingPath: [any CodingKey]

    private func encoder(_ key: any CodingKey) -> ValueEncoder {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { encoder(key).encodeNil() }
    func encode(_ value: some Encodable, forKey key: Key) throws { try value.encode(to: encoder(key)) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder(JSONKey("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct ArrayContainer: UnkeyedEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]

    var count: Int { slot.count }

    private func encoder() -> ValueEncoder {
        let key = JSONKey(intValue: count)
        return ValueEncoder(slot: slot.element(), codingPath: codingPath + [key])
    }

    func encodeNil() { encoder().encodeNil() }
    func encode(_ value: some Encodable) throws { try value.encode(to: encoder()) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder() }
}
