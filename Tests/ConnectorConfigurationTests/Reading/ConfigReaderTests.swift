import ConnectorConfiguration
import ConnectorCore
import Testing

private enum Order: String, CaseIterable {
    case ascending
    case descending
    case afterLast = "after_last"
}

/// Reads the text with the closure; gives the result and the reported lines.
private func reading<Result>(
    _ text: String,
    path: String = "",
    _ read: (inout ConfigReader) -> Result?
) -> (result: Result?, lines: [String]) {
    let diagnostics = DiagnosticCollector()
    guard let value = JSON5Reader.read(Array(text.utf8), file: "f", diagnostics: diagnostics) else {
        return (nil, diagnostics.lines)
    }
    let result = ConfigReader.read(value, path: path, diagnostics: diagnostics, read)
    return (result, diagnostics.lines)
}

struct ConfigReaderTests {
    @Test func `every type is read`() {
        let text = """
            { s: "x", i: 1e3, n: .5, b: true, o: "after_last", d: "1h30m", e: 90, list: ["a", "b"], h: { A: "1", B: "" },
              sub: { x: 1 }, objects: [{ x: 1 }, { x: 2 }], streams: { one: { x: 1 }, two: { x: 2 } } }
            """
        let (_, lines) = reading(text) { reader -> Bool? in
            #expect(reader.string("s") == "x")
            #expect(reader.integer("i") == 1000)
            #expect(reader.number("n") == 0.5)
            #expect(reader.bool("b") == true)
            #expect(reader.choice("o", of: Order.self) == .afterLast)
            #expect(reader.duration("d") == .seconds(5400))
            #expect(reader.optionalDuration("e", default: .seconds(1)) == .seconds(90))
            #expect(reader.strings("list") == ["a", "b"])
            #expect(reader.stringMap("h").map { "\($0.name)=\($0.value)" } == ["A=1", "B="])
            let sub = reader.object("sub") { $0.integer("x") }
            let objects = reader.array("objects") { $0.integer("x") }
            let streams = reader.map("streams") { name, stream in stream.integer("x").map { "\(name)\($0)" } }
            #expect(sub == 1)
            #expect(objects == [1, 2])
            #expect(streams.map(\.value) == ["one1", "two2"])
            return true
        }
        #expect(lines == [])
    }

    @Test func `what is optional has its default when missing or null`() {
        let (_, lines) = reading("{ a: null, b: null }") { reader -> Bool? in
            #expect(reader.optionalString("a") == nil)
            #expect(reader.optionalInteger("b", default: 7) == 7)
            #expect(reader.optionalBool("c", default: true) == true)
            #expect(reader.optionalChoice("d", default: Order.ascending) == .ascending)
            #expect(reader.optionalNumber("e", default: 1.5) == 1.5)
            let missing = reader.optionalObject("f") { $0.string("x") }
            let section = reader.section("g") { $0.optionalInteger("x", default: 3) }
            #expect(missing == nil)
            #expect(section == 3)
            #expect(reader.optionalStrings("h") == [])
            #expect(!reader.contains("a"))
            return true
        }
        #expect(lines == [])
    }

    @Test func `every mistake is reported at its place`() {
        let text = """
            {
              max_pages: "10",
              order: "ascendig",
              every: "5 minutes",
              base_ulr: "x",
              paging: { size: 0, more: [] },
              list: ["a", 1],
              zzzzzz: 1,
            }
            """
        let (_, lines) = reading(text, path: "streams.charges") { reader -> Bool? in
            _ = reader.string("base_url")
            #expect(reader.optionalInteger("max_pages", range: 1...1_000_000, default: 10_000) == 10_000)
            _ = reader.choice("order", of: Order.self)
            _ = reader.duration("every", range: .seconds(1) ... .seconds(3600))
            _ = reader.object("paging") { paging in paging.integer("size", range: 1...(.max)) }
            _ = reader.strings("list")
            return true
        }
        let at = "streams.charges"
        #expect(
            lines == [
                "f:1:1: \(at).base_url: is missing; add base_url with a string",
                "f:2:14: \(at).max_pages: expected a number, found a string; "
                    + "write a whole number from 1 to 1000000, without quotes",
                "f:3:10: \(at).order: unknown order \"ascendig\"; "
                    + "did you mean \"ascending\"? (one of: \"ascending\", \"descending\", \"after_last\")",
                "f:4:10: \(at).every: \"5 minutes\" is not a duration; "
                    + "write a number and a unit, such as \"90s\", \"5m\" or \"1h30m\", from 1s to 1h",
                "f:5:3: \(at).base_ulr: unknown key; did you mean \"base_url\"?",
                "f:6:19: \(at).paging.size: 0 is not allowed; write a whole number of at least 1, without quotes",
                "f:6:22: \(at).paging.more: unknown key; known here: size",
                "f:7:15: \(at).list[1]: expected a string, found a number; put it in quotes",
                "f:8:3: \(at).zzzzzz: unknown key; known here: base_url, max_pages, order, every, paging, list",
            ]
        )
    }

    @Test func `a value that should be an object is reported once`() {
        let (_, lines) = reading("{ a: [] , b: 1 }") { reader -> Bool? in
            _ = reader.object("a") { $0.string("x") }
            _ = reader.map("b") { _, reader in reader.string("x") }
            return true
        }
        #expect(
            lines == [
                "f:1:6: a: expected an object, found a list; write { … }",
                "f:1:14: b: expected an object, found a number; write { name: …, … }",
            ]
        )
        let whole = reading("[]") { $0.string("x") }
        #expect(whole.lines == ["f:1:1: expected an object, found a list; write { … }"])
    }

    @Test func `a key may hold several types, and a caller adds findings of its own`() {
        let (_, lines) = reading("{ key: 'secret', cron: 'x', t: 'y', $schema: 'z' }") { reader -> Bool? in
            reader.allow("$schema")
            reader.optional("key")?.warning("is a literal", "use { credential: … }")
            _ = reader.parsed("cron", "a cron expression") { _ in Int?.none }
            reader.error("t", "is odd", "write z")
            _ = reader.optionalString("t")
            return true
        }
        #expect(
            lines == [
                "f:1:8: warning: key: is a literal; use { credential: … }",
                "f:1:24: cron: is not a cron expression; write a cron expression",
                "f:1:32: t: is odd; write z",
            ]
        )
    }

    @Test(arguments: ["", "s", "5", "1.5s", "5x", "-5s", "5m5", "99999999999999999999s", "9223372036854775807w"])
    func `what is not a duration is refused`(text: String) {
        let (duration, lines) = reading("{ d: '\(text)' }") { $0.duration("d") }
        #expect(duration == nil)
        #expect(lines.count == 1)
    }
}
