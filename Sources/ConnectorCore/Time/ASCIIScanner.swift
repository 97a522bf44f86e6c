/// Reads short ASCII texts (dates, durations, zone rules) from left to right.
///
/// A failed read may leave the position in the middle: callers give up the whole text then.
struct ASCIIScanner<Bytes: Collection<UInt8>> {
    private let bytes: Bytes
    private var index: Bytes.Index

    init(_ bytes: Bytes) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    var peek: UInt8? { isAtEnd ? nil : bytes[index] }

    /// Moves past `byte` if it is next.
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard let next = peek, UInt32(next) == byte.value else { return false }
        bytes.formIndex(after: &index)
        return true
    }

    /// The next byte, if the condition holds for it.
    mutating func take(where condition: (UInt8) -> Bool) -> UInt8? {
        guard let next = peek, condition(next) else { return nil }
        bytes.formIndex(after: &index)
        return next
    }

    /// Exactly `count` digits; `count` is small enough for `Int`.
    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = take(where: \.isASCIIDigit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// A number of one to `most` digits, which the next byte does not continue; `most` is at most 18.
    mutating func number(most: Int) -> Int? {
        var value = 0
        var count = 0
        while let digit = take(where: \.isASCIIDigit) {
            count += 1
            guard count <= most else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return count > 0 ? value : nil
    }

    /// The digits behind a decimal mark as nanoseconds of a unit; what is finer than that is cut off.
    mutating func nanoFraction() -> Int? {
        var value = 0
        var weight = 100_000_000
        guard peek?.isASCIIDigit == true else { return nil }
        while let digit = take(where: \.isASCIIDigit) {
            value += Int(digit - 0x30) * weight
            weight /= 10
        }
        return value
    }

    /// A run of letters in lower case; empty if there is none.
    mutating func letters() -> String {
        var word: [UInt8] = []
        while let letter = take(where: \.isASCIILetter) { word.append(letter.asciiLowercased) }
        return String(decoding: word, as: UTF8.self)
    }
}

extension UInt8 {
    package var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    var isASCIILetter: Bool { (0x61...0x7A).contains(asciiLowercased) }
}
