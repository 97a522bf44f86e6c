import ConnectorCore
import Testing

struct LinkCredentialsTests {
    private static let credentials = [
        NamedSecret("auth.0", Secret("p@ss/w+rd é&x")), NamedSecret("secrets.key", Secret("key-0123")),
        // Stands within the names of the others.
        NamedSecret("session.0", Secret("auth")), NamedSecret("session.1", Secret("key-0123-longer")),
    ]
    private let links = LinkCredentials(credentials)

    @Test(arguments: [
        "https://shop.example/list?page=2&key=key-0123", "/list?k=p%40ss%2Fw%2Brd%20%C3%A9%26x&page=2",
        "/list?k=p%40ss%2fw%2brd+%c3%a9%26x", "?k=key-0123-longer&l=key-0123", "/list?q=p@ss/w+rd é&x",
        "/list?auth=auth&key=key-0123", "/list?q=key-0123key-0123auth",
    ])
    func `a link comes back as it was, and bears no credential meanwhile`(link: String) {
        let kept = links.takenOut(of: link)
        #expect(LinkCredentials.lacksCredentials(kept) && !kept.contains("key-0123") && !kept.contains("p%40ss"))
        #expect(links.putBack(into: kept) == link)
    }

    @Test(arguments: ["https://key-0123.example/auth/list?page=2", "/list", "", "?", "/key-0123/list?page=2"])
    func `what stands before the query is where it leads, and stays`(link: String) {
        #expect(links.takenOut(of: link) == link)
    }

    @Test func `a server that writes a credential's name gets no credential`() {
        let kept = links.takenOut(of: "/list?page=‹secrets.key:0›")
        #expect(kept == "/list?page=%E2%80%B9secrets.key:0%E2%80%BA" && links.putBack(into: kept) == kept)
    }

    @Test(arguments: ["/list/‹secrets.key:0›", "/list/‹secrets.key:0›?page=2", "‹auth.0:1›?a=b"])
    func `nor does one that writes it into the path`(link: String) {
        let kept = links.takenOut(of: link)
        #expect(!LinkCredentials.lacksCredentials(kept) && links.putBack(into: kept) == kept)
        #expect(!kept.contains("‹") && links.putBack(into: link).contains("‹"))
    }

    @Test func `a plain key that was replaced by one that is not is sent encoded`() {
        let kept = LinkCredentials([NamedSecret("auth.0", Secret("abc123def"))]).takenOut(
            of: "/list?key=abc123def&page=2"
        )
        let now = LinkCredentials([NamedSecret("auth.0", Secret("ab+/c&d=="))]).putBack(into: kept)
        #expect(now == "/list?key=ab%2B%2Fc%26d%3D%3D&page=2")
    }

    @Test func `a token of before is taken out, and the present one put back`() {
        let name = "session.access"
        let links = LinkCredentials(
            [NamedSecret(name, Secret("token-2"))],
            former: [NamedSecret(name, Secret("token-1"))]
        )
        let kept = links.takenOut(of: "/list?a=token-1&b=token-2")
        #expect(!kept.contains("token-") && links.putBack(into: kept) == "/list?a=token-2&b=token-2")
    }

    @Test func `a key that was replaced is sent as it is now`() {
        let kept = LinkCredentials([NamedSecret("auth.0", Secret("old key"))]).takenOut(of: "/list?key=old%20key")
        #expect(
            LinkCredentials([NamedSecret("auth.0", Secret("new key"))]).putBack(into: kept) == "/list?key=new%20key"
        )
    }

    @Test func `one that is not known any more leaves its name`() {
        let kept = links.takenOut(of: "/list?key=key-0123")
        #expect(LinkCredentials.lacksCredentials(LinkCredentials([]).putBack(into: kept)))
    }

    @Test func `secrets of three characters stay: they would be found everywhere`() {
        #expect(LinkCredentials([NamedSecret("auth.0", Secret("abc"))]).takenOut(of: "/?a=abc") == "/?a=abc")
    }
}
