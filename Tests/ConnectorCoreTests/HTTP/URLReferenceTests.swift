import ConnectorCore
import Testing

struct URLReferenceTests {
    @Test(arguments: [
        ("https://a.example", "https://a.example", "/"),
        ("https://a.example/", "https://a.example", "/"),
        ("HTTPS://A.Example:443/x?y=1#z", "https://a.example", "/x?y=1"),
        ("http://a.example:80?q", "http://a.example", "/?q"),
        ("http://a.example:8080/x", "http://a.example:8080", "/x"),
        ("https://a.example:", "https://a.example", "/"),
        ("https://[::1]:8443/x", "https://[::1]:8443", "/x"),
        ("https://a.example#f", "https://a.example", "/"),
        ("https://a.example/p?u=https://b.example/", "https://a.example", "/p?u=https://b.example/"),
    ])
    func `an absolute URL has an origin and what is below`(text: String, origin: String, target: String) throws {
        let url = try #require(URLReference(text))
        #expect(url.origin == origin)
        #expect(url.target == target)
        #expect(url.text == origin + target)
    }

    @Test(arguments: [
        "", "a.example", "/x", "//a.example", "ftp://a.example", "https://", "https:///x", "https://:80",
        "https://u@a.example",
        "https://u:p@a.example/", "https://a.example:0", "https://a.example:65536", "https://a.example:x",
        "https://a.example:+80", "https://[::1", "https://[::1]x", "https://a b.example",
        "https://a.example\\@b.example/",
        "https://a.ex%61mple", "https://a.exampl\u{E9}", "https://a.example/\u{301}x", "https://a.example\n",
        "x?https://a",
    ])
    func `what programs may read differently is refused`(text: String) {
        #expect(URLReference(text) == nil)
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://LOCALHOST:1", true), ("http://127.0.0.1", true),
        ("http://127.9.9.9", true),
        ("http://[::1]", true), ("http://127.0.0.1.example", false), ("http://127.0.0", false),
        ("http://127.0.0.256", false),
        ("http://localhost.example", false), ("http://10.0.0.1", false), ("http://128.0.0.1", false),
    ])
    func `loopback is this machine and nothing that looks like it`(text: String, isLoopback: Bool) {
        #expect(URLReference(text)?.isLoopback == isLoopback)
    }

    @Test(arguments: [
        ("https://b.example/z", "https://b.example/z"),
        ("/z?q=1", "https://a.example/z?q=1"),
        ("?page=2", "https://a.example/v1/items?page=2"),
        ("next", "https://a.example/v1/next"),
        ("items/2?x", "https://a.example/v1/items/2?x"),
        ("/z?back=https://b.example", "https://a.example/z?back=https://b.example"),
        ("/z#part", "https://a.example/z"),
        ("#part", "https://a.example/v1/items?q=0"),
        ("", "https://a.example/v1/items?q=0"),
        ("?t=12:30", "https://a.example/v1/items?t=12:30"),
    ])
    func `a reference in an answer is seen from the page's own URL`(reference: String, resolved: String) {
        #expect(URLReference("https://a.example/v1/items?q=0")?.resolve(reference)?.text == resolved)
    }

    /// The examples of RFC 3986 § 5.4, but for other schemes.
    @Test(arguments: [
        ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d;p?y"),
        ("g?y", "/b/c/g?y"), ("#s", "/b/c/d;p?q"), ("g#s", "/b/c/g"), ("g?y#s", "/b/c/g?y"), (";x", "/b/c/;x"),
        ("g;x", "/b/c/g;x"), ("g;x?y#s", "/b/c/g;x?y"), ("", "/b/c/d;p?q"), (".", "/b/c/"), ("./", "/b/c/"),
        ("..", "/b/"), ("../", "/b/"), ("../g", "/b/g"), ("../..", "/"), ("../../", "/"), ("../../g", "/g"),
        ("../../../g", "/g"), ("../../../../g", "/g"), ("/./g", "/g"), ("/../g", "/g"), ("g.", "/b/c/g."),
        (".g", "/b/c/.g"), ("g..", "/b/c/g.."), ("..g", "/b/c/..g"), ("./../g", "/b/g"), ("./g/.", "/b/c/g/"),
        ("g/./h", "/b/c/g/h"), ("g/../h", "/b/c/h"), ("g;x=1/./y", "/b/c/g;x=1/y"), ("g;x=1/../y", "/b/c/y"),
        ("g?y/./x", "/b/c/g?y/./x"), ("g?y/../x", "/b/c/g?y/../x"), ("g#s/./x", "/b/c/g"), ("g#s/../x", "/b/c/g"),
        ("http://a/b/../c", "/c"),
    ])
    func `the standard's own examples are resolved as it says`(reference: String, target: String) {
        let resolved = URLReference("http://a/b/c/d;p?q")?.resolve(reference)
        #expect(resolved?.target == target)
        #expect(resolved?.origin == "http://a")
    }

    @Test func `a reference to a host without a scheme has the page's scheme`() {
        let page = URLReference("https://a.example/v1")
        #expect(page?.resolve("//b.example/z")?.text == "https://b.example/z")
        #expect(page?.resolve("//a.example:443/z")?.origin == page?.origin)
    }

    @Test(arguments: [
        "//u@b.example/z", "http:g", "g:h", "javascript:x", "ftp://b.example", "https://u@b.example/",
        "mailto:a@b.example", "a:b",
    ])
    func `a reference with another scheme leads nowhere`(reference: String) {
        #expect(URLReference("https://a.example/v1")?.resolve(reference) == nil)
    }

    @Test(arguments: [
        ("https://a.example/v1", "/x", "https://a.example/v1/x"),
        ("https://a.example/v1", "x", "https://a.example/v1/x"),
        ("https://a.example/v1/", "/x", "https://a.example/v1/x"),
        ("https://a.example/v1/", "", "https://a.example/v1"),
    ])
    func `one slash stands between a base and a path below it`(base: String, path: String, joined: String) {
        #expect(URLReference(base)?.text(below: path) == joined)
    }

    @Test(arguments: [("aZ09-._~", "aZ09-._~"), (" /?&=%+", "%20%2F%3F%26%3D%25%2B"), ("é\n", "%C3%A9%0A"), ("", "")])
    func `everything but unreserved characters is escaped`(text: String, encoded: String) {
        #expect(text.percentEncoded == encoded)
    }
}
