/// Decimal text to integers of the smallest unit and back, exactly: no floating point, no rounding.
package enum DecimalAmount {
    /// Why a text is no amount of a currency.
    package enum Mistake: Error, Sendable, Equatable {
        case notANumber
        /// More decimal places than the currency has, and not zeros.
        case tooPrecise
        /// Beyond 64 bits.
        case tooLarge
    }

    /// `"10.5"` with two places is 1050. An exponent (`1.05e1`) is understood.
    package static func minorUnits(_ text: some StringProtocol, places: Int) throws(Mistake) -> Int64 {
        var scanner = ASCIIScanner(text.utf8)
        let isNegative = scanner.take("-")
        let whole = digits(&scanner)
        let fraction = scanner.take(".") ? digits(&scanner) : []
        guard !whole.isEmpty || !fraction.isEmpty else { throw .notANumber }
        let exponent = try self.exponent(&scanner)
        guard scanner.isAtEnd else { throw .notANumber }
        return try shifted(whole + fraction, by: places + exponent - fraction.count, isNegative: isNegative)
    }

    /// 1050 with two places is `"10.50"`.
    package static func text(_ minorUnits: Int64, places: Int) -> String {
        let digits = String(minorUnits.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = minorUnits < 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    private static func digits(_ scanner: inout ASCIIScanner<some Collection<UInt8>>) -> [UInt8] {
        var digits: [UInt8] = []
        while let digit = scanner.take(where: \.isASCIIDigit) { digits.append(digit - 0x30) }
        return digits
    }

    /// Beyond three digits the number is nonsense anyway.
    private static func exponent(_ scanner: inout ASCIIScanner<some Collection<UInt8>>) throws(Mistake) -> Int {
        guard scanner.take("e") || scanner.take("E") else { return 0 }
        let isNegative = scanner.take("-")
        if !isNegative { _ = scanner.take("+") }
        let found = digits(&scanner)
        guard !found.isEmpty else { throw .notANumber }
        guard found.count <= 3 else { throw isNegative ? .tooPrecise : .tooLarge }
        let number = found.reduce(0) { $0 * 10 + Int($1) }
        return isNegative ? -number : number
    }

    private static func shifted(_ digits: [UInt8], by places: Int, isNegative: Bool) throws(Mistake) -> Int64 {
        let kept = max(0, digits.count + min(places, 0))
        guard digits[kept...].allSatisfy({ $0 == 0 }) else { throw .tooPrecise }
        var value: Int64 = 0
        let zeros = digits[..<kept].allSatisfy { $0 == 0 } ? 0 : max(places, 0)
        for digit in digits[..<kept] + Array(repeating: 0, count: zeros) {
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, another) = tenfold.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !another else { throw .tooLarge }
            value = next
        }
        // Counted below zero, where there is one number more.
        guard isNegative || value != .min else { throw .tooLarge }
        return isNegative ? value : -value
    }
}
