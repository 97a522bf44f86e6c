/// Header fields in the order they were added; names compare without case (RFC 9110 § 5.1).
public struct TransportHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// Every field, in order.
    public private(set) var fields: [Field]

    /// One field.
    public struct Field: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: String

        /// A field from its parts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A field from its parts.
    public init() {
        fields = []
    }

    /// As it is written in a program.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of the field; setting replaces every one, `nil` removes them.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.equalsIgnoringASCIICase(name) }?.value }
        set {
            fields.removeAll { $0.name.equalsIgnoringASCIICase(name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Every value of a field that may come more than once (`Set-Cookie`, `Link`).
    public func all(_ name: String) -> [String] {
        fields.filter { $0.name.equalsIgnoringASCIICase(name) }.map(\.value)
    }

    /// Adds a field behind the others, whether or not one of that name is there.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }
}

extension String {
    /// ASCII-only: what protocol words need, in any locale.
    package func equalsIgnoringASCIICase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension UInt8 {
    package var asciiLowercased: UInt8 {
        (0x41...0x5A).contains(self) ? self | 0x20 : self
    }
}
