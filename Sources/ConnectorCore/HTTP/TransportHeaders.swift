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
        get {
            // By index: a field that is looked at need not be copied.
            for index in fields.indices where fields[index].name.equalsIgnoringASCIICase(name) {
                return fields[index].value
            }
            return nil
        }
        set {
            if self[name] != nil { fields.removeAll { $0.name.equalsIgnoringASCIICase(name) } }
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

    package mutating func add(_ field: Field) {
        if fields.capacity == 0 { fields.reserveCapacity(Self.usual) }
        fields.append(field)
    }

    /// An answer's fields, as most servers send them.
    private static let usual = 12
}

extension String {
    /// ASCII-only: what protocol words need, in any locale.
    package func equalsIgnoringASCIICase(_ other: String) -> Bool {
        let (mine, others) = (utf8.span, other.utf8.span)
        guard mine.count == others.count else { return false }
        for index in mine.indices where mine[index].asciiLowercased != others[index].asciiLowercased { return false }
        return true
    }
}

extension UInt8 {
    package var asciiLowercased: UInt8 {
        (0x41...0x5A).contains(self) ? self | 0x20 : self
    }
}
