import ConnectorCore
import Foundation
import Testing

struct GrammarDifferentialTests {
    /// What Foundation decodes, in a form that can be compared.
    private indirect enum Value: Decodable, Equatable {
        case null, boolean(Bool), number(Decimal), string(String), array([Value]), object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else if let value = try? container.decode([String: Value].self) {
                self = .object(value)
            } else {
                self = .number(try container.decode(Decimal.self))
            }
        }
    }

    /// Text that a JSON reader easily takes or refuses in error. Not in it: `["a",]`, which Foundation takes.
    private static let table: [String] = [
        "[]", "[1]", "[1,2]", "[1 ,2]", "[,]", "[1,,2]", "[\"\"]", "[", "]", "[]]", "[[]", "{", "}", "{}",
        "{}}",
        "{{}}", #"{"a"}"#, #"{"a":}"#, #"{"a":1}"#, #"{"a":1,"a":2}"#, #"{"a":1,,"b":2}"#, #"{"a"::1}"#, #"{"a",1}"#,
        #"{:1}"#, #"{"a":1;}"#, #"{'a':1}"#, #"{a:1}"#, #"{"a":a}"#, #"["a" "b"]"#, #"["a":1]"#, #"{"a":"b","c"}"#,
        "[0]", "[-0]", "[00]", "[-00]", "[0.0]", "[0.]", "[.0]", "[-.0]", "[1.0e]", "[1e1]", "[1E1]", "[1e+1]",
        "[1e-1]",
        "[1e+-1]", "[1e1.5]", "[1.2.3]", "[1-2]", "[--1]", "[- 1]", "[1 000]", "[0e]", "[0e+]", "[0E5]", "[1_000]",
        "[0b1]",
        "[1a]", "[1.5f]", "[Inf]", "[nan]", "[true]", "[tRue]", "[true false]", "[truefalse]", "[null]", "[nulll]",
        "[n]",
        #"["\""]"#, #"["\\"]"#, #"["\\\"]"#, #"["\a"]"#, #"["\'"]"#, #"["\0"]"#, #"["\u"]"#, #"["\u0"]"#, #"["\u00"]"#,
        #"["\u000"]"#, #"["\u0041"]"#, #"["\U0041"]"#, #"["\u 041"]"#, #"["\u+041"]"#, #"["\uD834\uDD1E"]"#,
        "[\"\u{1}\"]",
        "[\"\n\"]", "[\"\t\"]", "[\"\u{7F}\"]", "[\"\u{2028}\"]", "[\"€𝄞\"]", "[\"]", "[a]", "[\"a]", "\"a", "a\"",
        "\"\"", "\"a\"b",
        " ", "", "\u{C}[]", "[\u{C}]", "[\u{A0}1]", "[\u{2060}]", "[1]\u{C}", "[1]#", "[1]//", "/**/[1]", "[1]/**/",
        "1", "1 ",
        "-", "1 2", "nul", "null ", "true,", "[*]", "[$]", "[1,\n1\n,1", "[1\n]", "{\"a\":\"b\"}/", "[][]", "{} {}",
        "[{}", "[{]}",
        "{\"a\":[1}]", "[\"\\", "[\"\\\"", "{\"\":0}", "{\"a\":{\"b\":[{\"c\":null}]}}", "\r\n[\t1 ,\r2]\n",
    ]

    @Test func `Foundation accepts and refuses the same texts`() {
        for text in Self.table {
            let accepted = (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
            #expect((SliceError.of(text) == nil) == accepted, "\(text)")
        }
    }

    @Test func `the plain grammar accepts and refuses the same texts`() {
        for text in Self.table {
            #expect((SliceError.of(text) == nil) == (ReferenceGrammar.compact(Array(text.utf8)) != nil), "\(text)")
        }
    }

    @Test func `Foundation reads the same values from random documents and from their slices`() throws {
        let plan = SlicePlan(records: .array(["r"]))
        for seed: UInt64 in 0..<1500 {
            var random = RandomDocument(seed: seed)
            let text = "{\"r\" :[\(random.value(depth: 4, spaces: true))]}"
            let page = try RecordSlicer.slice(Array(text.utf8), plan: plan)
            let whole = try JSONDecoder().decode([String: [Value]].self, from: Data(text.utf8))
            let record = try JSONDecoder().decode(Value.self, from: Data(page.bytes[page.recordBytes(0)]))
            #expect(whole["r"] == [record], "seed \(seed)")
        }
    }

    @Test func `what leaves the slicer is the text without white space, wherever that stood`() throws {
        for seed: UInt64 in 0..<4000 {
            var random = RandomDocument(seed: seed)
            let text = Array("[\(random.value(depth: 3, spaces: true))]".utf8)
            let page = try RecordSlicer.slice(text, plan: SlicePlan(records: .array([])))
            let expected = try #require(ReferenceGrammar.compact(text))
            #expect(page.bytes.suffix(expected.count) == expected[...], "seed \(seed)")
            #expect(page.bytes[page.recordBytes(0)] == expected.dropFirst().dropLast(), "seed \(seed)")
        }
    }

    @Test func `every truncation of a document is refused at its end`() {
        for seed: UInt64 in 0..<60 {
            var random = RandomDocument(seed: seed)
            let text = Array("{\"records\":[\(random.value(depth: 3, spaces: true))]}".utf8)
            for length in text.indices {
                let error = SliceError.of(Array(text[..<length]))
                #expect(error != nil, "seed \(seed), \(length) bytes")
                #expect(error?.code == .truncated, "seed \(seed), \(length) bytes")
                // A literal or a character that is cut is reported where it begins.
                #expect(error.map { $0.offset >= length - 5 && $0.offset <= length } == true, "seed \(seed)")
            }
        }
    }

    @Test func `random damage never crashes the slicer nor lets it disagree with the plain grammar`() {
        let plan = SlicePlan(
            records: .array(["data"]),
            recordFields: [["id"], ["a"], ["a", "id"]],
            pageFields: [["more"], ["data"], ["error", "message"]]
        )
        var random = RandomDocument(seed: 1)
        for document in 0..<2_000 {
            let record = random.value(depth: 1 + document % 2, spaces: document % 3 == 0)
            let text = Array(#"{"data":[{"id":1,"a":{"id":"é"}},\#(record)],"more":true}"#.utf8)
            for mutation in 0..<100 {
                let mutated = random.mutate(text)
                let page = try? RecordSlicer.slice(mutated, plan: plan)
                // The plain grammar takes longer than the slicer.
                guard mutation < 25 else { continue }
                let expected = ReferenceGrammar.compact(mutated)
                let found = page.map { Array($0.bytes.suffix(expected?.count ?? 0)) }
                if found != expected || page.map(hasWholeValues) == false { Issue.record("\(mutated)") }
            }
        }
    }

    /// Whether every range that a page reports is exactly one value.
    private func hasWholeValues(_ page: Page) -> Bool {
        let fields = (0..<page.recordCount).flatMap { record in (0..<3).map { page.field(record, $0) } }
        let ranges =
            (0..<page.recordCount).map(page.recordBytes) + (fields + (0..<3).map(page.pageField)).compactMap(\.self)
        return ranges.allSatisfy { range in
            let value = Array(page.bytes[range])
            return ReferenceGrammar.compact(value) == value
        }
    }
}
