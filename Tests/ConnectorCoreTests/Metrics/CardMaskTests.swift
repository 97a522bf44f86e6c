import ConnectorCore
import Testing

struct CardMaskTests {
    @Test(
        arguments: [
            "4242424242424242", "card 4242 4242 4242 4242 was used", "4242-4242-4242-4242", "378282246310005",
            "id:4000056655665556!", "6304000000000000", "4242%204242%204242%204242", "4242+4242+4242+4242",
            "4242%2D4242%2d4242%2d4242", "4242\\u00a04242\\u00a04242\\u00a04242", "4242\u{A0}4242\u{A0}4242\u{A0}4242",
            "4242%C2%A04242%C2%A04242%C2%A04242",
        ]
    )
    func `card numbers are taken out of texts`(text: String) {
        let masked = CardMask.masked(text)
        #expect(masked.contains(CardMask.mask) && !masked.contains { $0.isNumber }, "\(masked)")
    }

    @Test(arguments: ["ch_3Mabc", "12345678901", "order 2026-11-24 08:00:00", "١٢٣٤", "", "0000000000000000"])
    func `other texts stay as they are`(text: String) {
        #expect(CardMask.masked(text) == text)
    }

    @Test(arguments: [
        "550e8400-e29b-41d4-a716-446655440000", "order-20240115-000042", "7914073381342284", "ch_1", "1234567890123456",
    ])
    func `ids and keys stay as they are`(id: String) {
        #expect(CardMask.maskedID(id) == id)
    }

    @Test(arguments: ["4242424242424242", "key-5555555555554444", "378282246310005"])
    func `a card's number as an id is taken out`(id: String) {
        #expect(CardMask.maskedID(id) == CardMask.mask)
    }

    @Test(arguments: ["4242424242424242", "-4242424242424242", "4.242424242424242E15", "4.242424242424242e+15"])
    func `a card's number as a JSON number is taken out, however it is written`(text: String) {
        #expect(CardMask.masked(.number(text)) == .string(CardMask.mask))
    }

    @Test func `members that name a secret are taken out, in any depth`() {
        let data: JSONValue = [
            "card": ["number": "x", "CVC": "123", "exp_month": 1],
            "list": [["password": "p"], .number("4242424242424242")],
            "amount": 500, "id": "ch_1",
        ]
        let masked = CardMask.masked(data)
        #expect(masked["card"]?["number"] == .string(CardMask.mask) && masked["card"]?["CVC"] == .string(CardMask.mask))
        #expect(masked["card"]?["exp_month"] == 1 && masked["amount"] == 500 && masked["id"] == "ch_1")
        #expect(
            masked["list"]?[0]?["password"] == .string(CardMask.mask) && masked["list"]?[1] == .string(CardMask.mask)
        )
    }

    @Test func `a planted card number never survives`() {
        var generator = SeededGenerator(seed: 5)
        let fillers = ["abc", "-", " ", "x1", "ü", "{", "\"", "no. "]
        for _ in 0..<5_000 {
            let before = (0..<3).compactMap { _ in fillers.randomElement(using: &generator) }.joined()
            let after = (0..<3).compactMap { _ in fillers.randomElement(using: &generator) }.joined()
            let masked = CardMask.masked(
                .array([.object([.init(before, .string("\(before)4242424242424242\(after)"))])])
            )
            #expect(!masked.text.contains("4242424242424242"), "\(before)|\(after)")
        }
    }
}
