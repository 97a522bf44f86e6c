/// Takes out of data what no log may hold: card numbers, whatever they are called, and members that name a secret.
package enum CardMask {
    package static let mask = "‹redacted›"
    /// ISO/IEC 7812: a card number has 12 to 19 digits; the last one checks the others.
    private static let lengths = 12...19

    private static let secretNames: Set<String> = [
        "number", "cvc", "cvv", "cvc2", "cvv2", "security_code", "pan", "password", "secret", "client_secret",
        "api_key",
        "access_token", "refresh_token", "token", "authorization", "iban", "account_number", "passphrase",
        "private_key",
    ]

    package static func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool: return value
        case .number(let text): return isCard(text) ? .string(mask) : value
        case .string(let text): return .string(masked(text))
        case .array(let elements): return .array(elements.map { masked($0) })
        case .object(let members): return .object(members.map(member))
        }
    }

    private static func member(_ member: JSONValue.Member) -> JSONValue.Member {
        let name = masked(member.name)
        let isSecret = secretNames.contains(member.name.lowercased()) && member.value.members == nil
        return JSONValue.Member(name, isSecret && !member.value.isNull ? .string(mask) : masked(member.value))
    }

    /// Of ids and keys, which are no prose: only runs of digits that are a card's number from end to end, with a prefix
    /// that cards have. Parts of UUIDs and dates pass the check by chance, and masked, a key can't be used again.
    package static func maskedID(_ text: String) -> String {
        let runs = text.unicodeScalars.split(omittingEmptySubsequences: true) { !isDigit($0) }
        let holdsCard = runs.contains { run in
            let digits = run.map { Int($0.value) - 0x30 }
            return passesCheck(digits[...]) && hasCardPrefix(digits)
        }
        return holdsCard ? mask : text
    }

    /// Prefixes and lengths that are issued: Visa, Mastercard, American Express, Discover, JCB, Diners Club.
    private static func hasCardPrefix(_ digits: [Int]) -> Bool {
        func prefix(_ count: Int) -> Int { digits.prefix(count).reduce(0) { $0 * 10 + $1 } }
        switch digits.count {
        case 13, 19: return prefix(1) == 4
        case 14: return [36, 38, 39].contains(prefix(2)) || (300...305).contains(prefix(3))
        case 15: return [34, 37].contains(prefix(2))
        case 16:
            return prefix(1) == 4 || (51...55).contains(prefix(2)) || (2221...2720).contains(prefix(4))
                || prefix(4) == 6011 || (644...659).contains(prefix(3)) || (3528...3589).contains(prefix(4))
        default: return false
        }
    }

    /// Runs of digits, also in groups with a separator between them, however a URL or JSON writes that.
    package static func masked(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            let (end, digits) = run(scalars, from: index)
            if end > index, hasCard(digits) {
                result.append(contentsOf: mask.unicodeScalars)
                index = end
            } else {
                let next = max(end, index + 1)
                result.append(contentsOf: scalars[index..<next])
                index = next
            }
        }
        return String(result)
    }

    /// What may stand between two digits of a card's number.
    private static let separators = [
        " ", "-", "+", "\u{A0}", "\u{2009}", "\u{202F}", "%20", "%2B", "%2D", "%2b", "%2d", "%C2%A0", "%c2%a0",
        "\\u00a0", "\\u00A0", "&nbsp;", "\t",
    ].map { Array($0.unicodeScalars) }

    /// The digits of a run that begins here, and where it ends, behind its last digit; its start where none begins.
    private static func run(_ scalars: [Unicode.Scalar], from start: Int) -> (end: Int, digits: [Int]) {
        var end = start
        var index = start
        var digits: [Int] = []
        while index < scalars.count {
            if isDigit(scalars[index]) {
                digits.append(Int(scalars[index].value) - 0x30)
                index += 1
                end = index
            } else if end > start, index == end, let separator = separator(scalars[index...]) {
                index += separator
            } else {
                break
            }
        }
        return (end, digits)
    }

    private static func separator(_ scalars: ArraySlice<Unicode.Scalar>) -> Int? {
        separators.first { scalars.starts(with: $0) }?.count
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Of a number's text, which may have a sign, a point and an exponent.
    private static func isCard(_ text: String) -> Bool {
        hasCard(text.unicodeScalars.filter(isDigit).map { Int($0.value) - 0x30 })
    }

    /// Whether any stretch of the run passes for a card number: others' digits may stand right beside it.
    private static func hasCard(_ digits: [Int]) -> Bool {
        guard digits.count >= lengths.lowerBound else { return false }
        // Longer runs are ids of another kind only if no stretch of 16 checks; look at the usual lengths.
        return digits.indices.contains { start in
            lengths.contains { length in
                start + length <= digits.count && passesCheck(digits[start..<start + length])
                    && (length == digits.count || (13...16).contains(length))
            }
        }
    }

    /// Luhn's check (ISO/IEC 7812-1 annex B).
    private static func passesCheck(_ digits: ArraySlice<Int>) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place.isMultiple(of: 2) ? digit : digit * 2
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum.isMultiple(of: 10) && digits.contains { $0 != 0 }
    }
}
