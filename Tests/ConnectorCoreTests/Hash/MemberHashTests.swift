import Testing

@testable import ConnectorCore

@Suite struct MemberHashTests {
    private func hash(_ text: String) -> Hash128 {
        let bytes = Array(text.utf8)
        return MemberHash.hash(bytes, 0..<bytes.count)
    }

    @Test func `members that only change places leave the hash as it is`() {
        let one = hash("{\"id\":1,\"name\":\"a,b}\\\"\",\"lines\":[1,{\"x\":2}]}")
        #expect(one == hash("{\"lines\":[1,{\"x\":2}],\"id\":1,\"name\":\"a,b}\\\"\"}"))
        #expect(one == hash("{\"name\":\"a,b}\\\"\",\"lines\":[1,{\"x\":2}],\"id\":1}"))
    }

    @Test(arguments: [
        "{\"id\":1,\"name\":\"b\"}", "{\"id\":2,\"name\":\"a\"}", "{\"id\":1}",
        "{\"id\":1,\"name\":\"a\",\"more\":null}",
        "{\"name\":1,\"id\":\"a\"}", "{}", "[]", "1",
    ])
    func `anything else changes it`(other: String) {
        #expect(hash("{\"id\":1,\"name\":\"a\"}") != hash(other))
    }

    @Test func `what members hold is compared in its order`() {
        #expect(hash("{\"a\":{\"x\":1,\"y\":2}}") != hash("{\"a\":{\"y\":2,\"x\":1}}"))
        #expect(hash("{\"a\":[1,2]}") != hash("{\"a\":[2,1]}"))
    }
}
