import ConnectorCore
import Testing

struct JSONValueEqualityTests {
    @Test func `the order of members makes no difference, at any depth, and no other hash`() {
        let one: JSONValue = ["a": 1, "b": [["c": 2, "d": nil]]]
        let other: JSONValue = ["b": [["d": nil, "c": 2]], "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(Set([one, other]).count == 1)
        #expect(!one.isIdentical(to: other))
        #expect(one.isIdentical(to: ["a": 1, "b": [["c": 2, "d": nil]]]))
    }

    @Test(
        arguments: [
            (["a": 1], ["a": 2]), (["a": 1], ["b": 1]), (["a": 1], ["a": 1, "b": 1]),
            (["a": 1, "a": 2], ["a": 2, "a": 1]),
            (["a": 1, "a": 1], ["a": 1, "b": 1]), ([1, 2], [2, 1]), (1, "1"), (1, 1.0), (nil, false), ([], [:]),
        ] as [(JSONValue, JSONValue)]
    )
    func `what differs in anything else is not equal`(_ left: JSONValue, _ right: JSONValue) {
        #expect(left != right && right != left)
        #expect(!left.isIdentical(to: right))
    }

    @Test func `of repeated names the order of their values counts`() {
        let one: JSONValue = ["a": 1, "b": 0, "a": 2]
        #expect(one == ["b": 0, "a": 1, "a": 2])
        #expect(one != ["b": 0, "a": 2, "a": 1])
    }

    @Test func `values that differ deep down are told apart in one look`() {
        func nested(_ leaf: JSONValue) -> JSONValue { (0..<400).reduce(leaf) { value, _ in ["a": value, "b": 1] } }
        #expect(nested(1) == nested(1) && nested(1) != nested(2))
    }

    @Test func `a floating-point literal is its shortest text`() {
        let values: [JSONValue] = [0.1, 1.0, -2.5, 1e20, 2.5e-308]
        #expect(values.map(\.text) == ["0.1", "1.0", "-2.5", "1e+20", "2.5e-308"])
    }

    @Test func `a value shows itself as it is written`() {
        let value: JSONValue = ["name": "Zoë", "list": [1, nil, true]]
        #expect("\(value)" == #"{"name":"Zoë","list":[1,null,true]}"#)
    }
}
