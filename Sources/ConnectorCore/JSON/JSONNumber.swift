/// Exact readings of a JSON number's text.
package enum JSONNumber {
    /// The value if it is whole and fits: `12`, `1.20e1` and `120e-1` are twelve, `1.5` and `1e19` are nothing.
    package static func int64(_ text: String) -> Int64? {
        if let plain = Int64(text), !text.hasPrefix("+") { return plain }
        guard let parts = DecimalParts(text) else { return nil }
        guard !parts.digits.isEmpty else { return 0 }
        // Int64 has 19 digits; the digits neither start nor end with zeros.
        guard parts.exponent >= 0, parts.digits.count + parts.exponent <= 19 else { return nil }
        let zeros = String(repeating: "0", count: parts.exponent)
        return Int64((parts.isNegative ? "-" : "") + parts.digits + zeros)
    }
}

/// A decimal number as digits without leading or trailing zeros, times a power of ten; zero has no digits.
private struct DecimalParts {
    var isNegative: Bool
    var digits: String
    var exponent: Int

    init?(_ text: String) {
        var rest = text[...]
        isNegative = rest.first == "-"
        if isNegative { rest.removeFirst() }
        let halves = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let mantissa = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = mantissa.count == 2 ? mantissa[1] : ""
        let all = mantissa[0] + fraction
        guard !all.isEmpty, all.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard let power = halves.count == 2 ? Self.power(halves[1]) : 0 else { return nil }
        let significant = all.drop { $0 == "0" }
        let trailing = significant.utf8.reversed().prefix { $0 == 0x30 }.count
        digits = String(significant.dropLast(trailing))
        exponent = digits.isEmpty ? 0 : power - fraction.utf8.count + trailing
    }

    /// Held within bounds in which sums cannot overflow; such numbers fit no integer anyway.
    private static func power(_ text: Substring) -> Int? {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let bound = 1 << 40
        guard let value = Int(text) else { return text.first == "-" ? -bound : bound }
        return min(max(value, -bound), bound)
    }
}
