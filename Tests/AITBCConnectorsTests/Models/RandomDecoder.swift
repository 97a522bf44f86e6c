import AITBCConnectors
import ConnectorCore
import Synchronization

/// Gives random values of whatever is asked for, so that any `Decodable` type can be made of nothing.
final class RandomDecoder: Decoder {
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    fileprivate var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(source: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "arrays are made by their elements"))
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(source: self) }

    fileprivate func number() -> Int {
        [0, 1, -1, 99_999_999, .max, .min].randomElement(using: &generator)
            ?? Int.random(in: .min ... .max, using: &generator)
    }

    fileprivate func text() -> String {
        let letters = ["a", "Z", "7", " ", "\"", "\\", "\u{1}", "é", "e\u{301}", "😀", "\u{2028}", "/", "\n"]
        return (0..<Int.random(in: 0...6, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? ""
        }
        .joined()
    }

    fileprivate func instant() -> Instant {
        let seconds = Int64.random(in: -2_000_000_000...4_000_000_000, using: &generator)
        let fraction = [0, 5, 250_000_000, 123_456_789].randomElement(using: &generator) ?? 0
        return Instant(nanoseconds: seconds * 1_000_000_000 + Int64(fraction))
    }

    func json(depth: Int = 3) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 5 : 3), using: &generator) {
        case 0: return .bool(Bool.random(using: &generator))
        case 1:
            return .number(
                ["0", "-1.50", "1e+9", "123456789012345678901234567890.5"].randomElement(using: &generator) ?? ""
            )
        case 2, 3: return .string(text())
        case 4: return .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in json(depth: depth - 1) })
        default:
            return .object(
                (0..<Int.random(in: 0...3, using: &generator)).map { .init("\($0)" + text(), json(depth: depth - 1)) }
            )
        }
    }

    fileprivate func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let made: Any =
            switch type {
            case is Bool.Type: Bool.random(using: &generator)
            case is Int.Type: number()
            case is Double.Type: Double.random(in: -1e9...1e9, using: &generator)
            case is String.Type: text()
            case is Instant.Type: instant()
            case is JSONValue.Type: json()
            case is [JSONValue].Type: (0..<Int.random(in: 0...3, using: &generator)).map { _ in json() }
            case is [String].Type: (0..<Int.random(in: 0...3, using: &generator)).map { _ in text() }
            case is [Balance.Amount].Type: try (0..<2).map { _ in try Balance.Amount(from: self) }
            default: try Value(from: self)
            }
        guard let value = made as? Value else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no random \(type)"))
        }
        return value
    }

    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let source: RandomDecoder
        let codingPath: [any CodingKey] = []
        let allKeys: [Key] = []

        func contains(_ key: Key) -> Bool { Bool.random(using: &source.generator) }
        func decodeNil(forKey key: Key) throws -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try source.value(type) }

        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
            -> KeyedDecodingContainer<Nested>
        {
            try source.container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try source.unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { source }
        func superDecoder(forKey key: Key) throws -> any Decoder { source }
    }

    private struct Single: SingleValueDecodingContainer {
        let source: RandomDecoder
        let codingPath: [any CodingKey] = []

        func decodeNil() -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try source.value(type) }
    }
}
