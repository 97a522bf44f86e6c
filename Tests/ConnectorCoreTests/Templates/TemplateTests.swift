import ConnectorCore
import Testing

struct TemplateTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("", ""),
        ("${a}", "1"),
        ("x${a}y${b}z", "x1ytwoz"),
        ("$a $ ${a}$", "$a $ 1$"),
        ("$${a}", "${a}"),
        ("a}b{c", "a}b{c"),
        ("${a}${a}", "11"),
    ])
    func `placeholders are filled and everything else stays`(source: String, filled: String) throws {
        let template = try #require(Template(source))
        #expect(template.fill(TemplateVariables(["a": .integer(1), "b": .string("two")])) == filled)
    }

    @Test(arguments: ["${", "${a", "x${}", "${a} ${b"])
    func `a placeholder that is empty or not closed is no template`(source: String) {
        #expect(Template(source) == nil)
    }

    @Test func `a literal has no placeholders, whatever it holds`() {
        #expect(Template(literal: "${a}").variables == [])
        #expect(Template(literal: "${a}").fill(TemplateVariables()) == "${a}")
        #expect(Template(literal: "").parts == [])
    }

    @Test func `variables come in order, with repetitions`() {
        #expect(Template("${b}/${a}/${b}")?.variables == ["b", "a", "b"])
        #expect(Template("$${b}")?.variables == [])
    }

    @Test(arguments: [("${a}", "a"), (" ${a}", nil), ("${a}${b}", nil), ("a", nil)])
    func `a template that is one variable and nothing else says so`(source: String, name: String?) {
        #expect(Template(source)?.soleVariable == name)
    }

    @Test func `values are encoded, text is not`() {
        let variables = TemplateVariables(["a": .string("x/y z")])
        #expect(Template("/p q/${a}")?.fill(variables, encode: \.percentEncoded) == "/p q/x%2Fy%20z")
    }

    @Test func `a value that is missing or absent leaves nothing to send`() {
        let variables = TemplateVariables(["gone": .absent])
        #expect(Template("a${gone}")?.fill(variables) == nil)
        #expect(Template("a${never}")?.fill(variables) == nil)
        #expect(Template("a${gone}b${never}")?.fill(variables, absent: "") == "ab")
    }

    @Test(arguments: [
        (TemplateVariables.Value.string("a\"b"), "a\"b"),
        (.integer(-7), "-7"),
        (.json(.string("x")), "x"),
        (.json(.number("1.50")), "1.50"),
        (.json(.array([.bool(true), .null])), "[true,null]"),
        (.absent, ""),
    ])
    func `a value's text is what a query shows`(value: TemplateVariables.Value, text: String) {
        #expect(value.text == text)
    }
}
