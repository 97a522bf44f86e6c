import ConnectorCore
import Testing

struct JSONTemplateTests {
    private func filled(_ body: String, _ variables: [String: TemplateVariables.Value]) throws -> String? {
        try JSONTemplate(JSONValue(parsing: body))?.fill(TemplateVariables(variables))?.text
    }

    @Test(arguments: [
        ("{\"limit\":\"${n}\"}", "{\"limit\":5}"),
        ("{\"limit\":\"at ${n}\"}", "{\"limit\":\"at 5\"}"),
        ("[\"${s}\",\"${j}\"]", "[\"x\",[1,null]]"),
        ("{\"deep\":[{\"er\":\"${n}\"}]}", "{\"deep\":[{\"er\":5}]}"),
        ("[1,true,null,\"a\",1.50]", "[1,true,null,\"a\",1.50]"),
        ("\"$${n}\"", "\"${n}\""),
    ])
    func `a string that is one placeholder takes the value's own type`(body: String, expected: String) throws {
        let json = JSONValue.array([.number("1"), .null])
        #expect(try filled(body, ["n": .integer(5), "s": .string("x"), "j": .json(json)]) == expected)
    }

    @Test(arguments: [
        ("[1,\"${gone}\",2]", "[1,2]"),
        ("{\"a\":\"${gone}\",\"b\":1}", "{\"b\":1}"),
        ("[\"x ${gone}\"]", "[]"),
        ("[[\"${gone}\"]]", "[[]]"),
        ("[\"${never}\"]", "[]"),
    ])
    func `an absent value takes its element or member along`(body: String, expected: String) throws {
        #expect(try filled(body, ["gone": .absent]) == expected)
    }

    @Test func `a body that is one absent value is nothing`() throws {
        #expect(try filled("\"${gone}\"", ["gone": .absent]) == nil)
    }

    @Test func `a value may hold quotes and braces without ending the string`() throws {
        #expect(try filled("[\"${s}\"]", ["s": .string("a\"}${n}")]) == "[\"a\\\"}${n}\"]")
    }

    @Test func `one bad placeholder anywhere makes it no template`() throws {
        #expect(JSONTemplate(try JSONValue(parsing: "{\"a\":[\"${\"]}")) == nil)
    }

    @Test func `variables are those of every depth`() throws {
        let template = JSONTemplate(try JSONValue(parsing: "{\"a\":[\"${x}\",{\"b\":\"${y} ${z}\"}],\"c\":1}"))
        #expect(template?.variables == ["x", "y", "z"])
    }
}
