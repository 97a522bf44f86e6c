/// JSON texts by seed.
struct RandomDocument {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func one<T>(of choices: [T]) -> T { choices[below(choices.count)] }

    /// Some text, at most `depth` containers deep. With `spaces`, white space may stand between any two tokens.
    mutating func value(depth: Int, spaces: Bool) -> String {
        let token =
            switch below(depth > 0 ? 9 : 6) {
            case 0: one(of: ["true", "false", "null"])
            case 1, 2: number()
            case 3, 4, 5: string()
            case 6: list("[", "]", spaces: spaces) { $0.value(depth: depth - 1, spaces: spaces) }
            default:
                list("{", "}", spaces: spaces) {
                    "\($0.string())\($0.space(spaces)):\($0.value(depth: depth - 1, spaces: spaces))"
                }
            }
        return space(spaces) + token + space(spaces)
    }

    private mutating func list(
        _ open: String,
        _ close: String,
        spaces: Bool,
        _ element: (inout RandomDocument) -> String
    ) -> String {
        let count = below(5)
        var elements: [String] = []
        for _ in 0..<count { elements.append(space(spaces) + element(&self)) }
        return open + space(spaces) + elements.joined(separator: ",") + close
    }

    mutating func number() -> String {
        one(of: ["", "-"]) + one(of: ["0", "7", "42", "1700000000", "9007199254740993", "12345678"])
            + one(of: ["", "", ".5", ".0000000001", ".125"]) + one(of: ["", "", "", "e3", "E-2", "e+1"])
    }

    mutating func string() -> String {
        let pieces = [
            "a", "id", "amount of money", "0123456789abcdef", "é", "日本語", "😀", "\\n", "\\\"", "\\\\", "\\u00e9",
            "\\uD83D\\uDE00", "\\/", " ", "  ", "{", "]", ",", ":", "\u{7F}", "ÿ",
        ]
        var text = ""
        for _ in 0..<below(5) { text += one(of: pieces) }
        return "\"\(text)\""
    }

    private mutating func space(_ wanted: Bool) -> String {
        guard wanted, below(3) == 0 else { return "" }
        return one(of: [" ", "\n", "\t", "\r\n", "  ", "\n            ", "        ", "\n                          "])
    }

    /// Changes the text in one to three places: bytes replaced, taken out, put in, doubled, or cut off.
    mutating func mutate(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...below(3) where !text.isEmpty {
            let place = below(text.count)
            switch below(6) {
            case 0: text[place] = UInt8(below(256))
            case 1: text[place] = one(of: Array("{}[]\",:\\ 0-.eEtfnu\n".utf8))
            case 2: text.remove(at: place)
            case 3: text.insert(one(of: Array("{}[]\",:\\ 0-.eEtfnu\u{0}".utf8)), at: place)
            case 4: text[place] ^= 1 << UInt8(below(8))
            default: text.replaceSubrange(place..., with: text[(place / 2)..<place])
            }
        }
        return text
    }
}
