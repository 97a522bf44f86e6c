import HTTPListener
import Testing

struct TargetTextTests {
    @Test(arguments: [
        ("/", "/"), ("/a%20b", "/a b"), ("/a+b", "/a+b"), ("/%E2%82%AC", "/€"), ("/%", "/%"), ("/%4", "/%4"),
        ("/%zz", "/%zz"), ("/%ff", "/\u{FFFD}"), ("/a?b", "/a"), ("", ""),
    ])
    func `a path is decoded`(target: String, path: String) {
        #expect(TargetText.parse(target).path == path)
    }

    @Test(arguments: [
        ("/?", []), ("/?a", ["a|"]), ("/?a=", ["a|"]), ("/?a=b=c", ["a|b=c"]),
        ("/?a=1&&b=2&a=3", ["a|1", "b|2", "a|3"]),
        ("/?created%5Bgte%5D=5", ["created[gte]|5"]), ("/?x=1+2%2B3", ["x|1 2+3"]), ("/?q=a?b", ["q|a?b"]),
    ])
    func `a query is decoded in order`(target: String, pairs: [String]) {
        #expect(TargetText.parse(target).query.map { "\($0.name)|\($0.value)" } == pairs)
    }
}
