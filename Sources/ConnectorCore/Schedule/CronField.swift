/// Why an expression is not one, with what would be right. Shown to the person who wrote it.
package struct CronError: Error, Equatable, CustomStringConvertible {
    package enum Field: String, Sendable {
        case minute
        case hour
        case dayOfMonth = "day of month"
        case month
        case dayOfWeek = "day of week"
    }

    /// The field at fault; `nil` if it is the expression as a whole.
    package let field: Field?
    package let message: String

    package var description: String {
        field.map { "\($0.rawValue): \(message)" } ?? message
    }
}

/// One of the five fields, read into a set of numbers.
struct CronField: Hashable, Sendable {
    /// Bit n: the number n is in. The greatest, minute 59, fits.
    var set: UInt64
    /// Begins with `*`, which is what decides how the two day fields go together.
    var isStar: Bool

    func contains(_ number: Int) -> Bool {
        set & (1 << UInt64(number)) != 0
    }

    /// The least number of the set from `start` on; `start` is at most 64.
    func first(from start: Int) -> Int? {
        let rest = set & (UInt64.max << UInt64(start))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}

/// What a field may hold.
struct CronFieldRule {
    var field: CronError.Field
    var range: ClosedRange<Int>
    /// Names of the numbers from the least on, in lower case.
    var names: [String]

    static let minute = CronFieldRule(field: .minute, range: 0...59, names: [])
    static let hour = CronFieldRule(field: .hour, range: 0...23, names: [])
    static let dayOfMonth = CronFieldRule(field: .dayOfMonth, range: 1...31, names: [])
    static let month = CronFieldRule(
        field: .month,
        range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
    /// 7 is Sunday too, so that `5-7` can be written.
    static let dayOfWeek = CronFieldRule(
        field: .dayOfWeek,
        range: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    )

    /// A list of `*`, `n`, `a-b`, each of the ranges with an optional `/step`.
    func parse(_ text: Substring) throws(CronError) -> CronField {
        var set: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            set |= try parsePart(part)
        }
        return CronField(set: set, isStar: text.first == "*")
    }

    private func parsePart(_ part: Substring) throws(CronError) -> UInt64 {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let span = try parseSpan(pieces[0])
        guard pieces.count == 2 else { return bits(span, step: 1) }
        guard pieces[0] == "*" || pieces[0].contains("-") else {
            throw error("a step needs a range: write \(pieces[0])-\(lastNumber)/\(pieces[1]) instead of \(part)")
        }
        guard let step = number(pieces[1]), step > 0 else {
            throw error("the step after / is a number from 1 on, not “\(pieces[1])”")
        }
        return bits(span, step: step)
    }

    private func parseSpan(_ text: Substring) throws(CronError) -> ClosedRange<Int> {
        guard text != "*" else { return range.lowerBound...lastNumber }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let low = try value(ends[0])
        guard ends.count == 2 else { return low...low }
        var high = try value(ends[1])
        if field == .dayOfWeek, high == 0, low > 0 { high = 7 }
        guard low <= high else {
            let rest = "\(ends[0])-\(lastNumber),\(range.lowerBound)-\(ends[1])"
            throw error("the range \(text) goes backwards; write \(rest) to go around")
        }
        return low...high
    }

    private func value(_ text: Substring) throws(CronError) -> Int {
        if let index = names.firstIndex(where: { $0.equalsIgnoringASCIICase(String(text)) }) {
            return range.lowerBound + index
        }
        guard let number = number(text), range.contains(number) else {
            throw error("“\(text)” is not one of \(allowed)")
        }
        return number
    }

    private func number(_ text: Substring) -> Int? {
        var scanner = ASCIIScanner(text.utf8)
        guard let number = scanner.number(most: 4), scanner.isAtEnd else { return nil }
        return number
    }

    private func bits(_ span: ClosedRange<Int>, step: Int) -> UInt64 {
        var bits: UInt64 = 0
        for number in stride(from: span.lowerBound, through: span.upperBound, by: step) {
            bits |= 1 << UInt64(field == .dayOfWeek && number == 7 ? 0 : number)
        }
        return bits
    }

    private var lastNumber: Int { field == .dayOfWeek ? 6 : range.upperBound }

    private var allowed: String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        guard let first = names.first, let last = names.last else { return numbers }
        return "\(numbers) or \(first) to \(last)"
    }

    private func error(_ message: String) -> CronError {
        CronError(field: field, message: message)
    }
}
