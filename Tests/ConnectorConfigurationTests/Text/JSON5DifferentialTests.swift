import ConnectorConfiguration
import ConnectorCore
import Foundation
import Testing

/// What Foundation's decoder reads, in the shape of ours.
private enum Decoded: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([Decoded])
    case object([String: Decoded])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([Decoded].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: Decoded].self))
        }
    }

    /// Of repeated keys the first, as Foundation does it; ours takes the last and reports them.
    init(_ value: LocatedValue) {
        switch value.kind {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let text): self = .number(Double(text == "NaN" ? "nan" : text) ?? .nan)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map(Decoded.init))
        case .object(let members):
            self = .object(Dictionary(members.map { ($0.name, Decoded($0.value)) }) { first, _ in first })
        }
    }

    static func foundation(_ text: String) -> Decoded? {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        // Foundation looks behind the last number of a document, and traps on what happens to lie there.
        let padded = text + String(repeating: " ", count: 64)
        return try? decoder.decode(Decoded.self, from: Data(padded.utf8))
    }
}

/// Known differences: Foundation keeps the line break of a line continuation (§ 5.2 of the specification drops it),
/// and of repeated keys it silently takes the first, where ECMAScript takes the last.
struct JSON5DifferentialTests {
    @Test func `the known differences are still there`() {
        #expect(Decoded.foundation("['a\\\nb']") == .array([.string("a\nb")]))
        #expect(readJSON5("['a\\\nb']").value.map(Decoded.init) == .array([.string("ab")]))
        #expect(Decoded.foundation("{a:1,a:2}") == .object(["a": .number(1)]))
        #expect(readJSON5("{a:1,a:2}").value?["a"]?.kind == .number("2"))
    }

    private func isKnownDifference(_ text: String) -> Bool {
        text.contains("\\\n")
    }

    @Test(arguments: [
        "{}", "[]", "[1,2,]", "{a:1}", "{'a':'b',\"c\":\"d\",}", "// c\n{a:/*x*/1}", "[0x1F,-0x1f,+1,.5,5.,1e3,-0]",
        "{a_b$1:true,_:false,$:null}", "['\\x41\\u00e9\\n\\v']", "[ 'tab\there' ]", "[\u{A0}1]",
        "{ünïcode: 1}", "['😀', '\\ud83d\\ude00']", "[[[[]]],{a:{b:{}}}]", "[1.5e-3, 123456789.25]", "\"top\"", "'top'",
        "[12345678901234567890]", "{\"a\":1,\r\n// x\r\n}", "[true,\n\tfalse]",
    ])
    func `what Foundation accepts is accepted with the same value`(text: String) throws {
        guard let theirs = Decoded.foundation(text) else { return }
        #expect(readJSON5(text).value.map(Decoded.init) == theirs)
    }

    @Test func `random documents have the same value`() {
        var accepted = 0
        for seed in 0..<2000 as Range<UInt64> {
            var generator = JSON5Generator(random: SeededGenerator(seed: seed))
            let text = generator.value(depth: 4)
            let ours = readJSON5(text)
            #expect(ours.value != nil, "\(text)\n\(ours.lines)")
            guard let theirs = Decoded.foundation(text) else { continue }
            accepted += 1
            #expect(ours.value.map(Decoded.init) == theirs, "\(text)")
        }
        #expect(accepted > 1000)
    }

    /// The number of seeds is chosen: with more of them Foundation itself traps on a damaged document.
    @Test func `mutated documents that Foundation accepts are accepted with the same value`() {
        var differences: [String] = []
        for seed in 0..<4000 as Range<UInt64> {
            var generator = JSON5Generator(random: SeededGenerator(seed: seed))
            var scalars = Array(generator.value(depth: 3).unicodeScalars)
            let place = Int.random(in: scalars.indices, using: &generator.random)
            scalars[place] = "{}[],:'\"\\/ \n0x1e.+-aN".unicodeScalars.randomElement(using: &generator.random) ?? " "
            let text = String(String.UnicodeScalarView(scalars))
            guard !isKnownDifference(text), let theirs = Decoded.foundation(text) else { continue }
            if readJSON5(text).value.map(Decoded.init) != theirs { differences.append(text) }
        }
        #expect(differences == [])
    }
}

/// Random documents in every spelling of JSON5.
private struct JSON5Generator {
    var random: SeededGenerator

    mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }

    mutating func space() -> String { pick(["", "", " ", "\n", "\t", "/* c */", "// c\n", "\r\n"]) }

    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: space() + pick(["null", "true", "false"]) + space()
        case 1: space() + number() + space()
        case 2, 3: space() + string() + space()
        case 4: space() + "[" + list(depth) { $0.value(depth: depth - 1) } + "]" + space()
        default: space() + "{" + list(depth) { $0.member(depth) } + "}" + space()
        }
    }

    mutating func list(_ depth: Int, _ element: (inout JSON5Generator) -> String) -> String {
        let count = Int.random(in: 0...3, using: &random)
        guard count > 0 else { return "" }
        return (0..<count).map { _ in element(&self) }.joined(separator: ",") + pick(["", ","]) + space()
    }

    mutating func member(_ depth: Int) -> String {
        let name = pick(["a", "b1", "_c", "$d", "naïve", "'x y'", "\"q\"", "true1"])
        return space() + name + space() + ":" + value(depth: depth - 1)
    }

    mutating func number() -> String {
        let digits = String(Int.random(in: 0...99_999, using: &random))
        let plain = [digits, "0x" + digits, ".5", digits + ".", digits + ".25", digits + "e3", digits + ".5E-2", "0"]
        return pick(["", "-", "+"]) + pick(plain)
    }

    mutating func string() -> String {
        let quote = pick(["'", "\""])
        let pieces = [
            "a", "é", "😀", "\\n", "\\u0041", "\\x7e", "\\\\", "\\'", "\\\"", "//", "{", " ", "\\t", "\\/",
        ]
        return quote + (0..<Int.random(in: 0...5, using: &random)).map { _ in pick(pieces) }.joined() + quote
    }
}
