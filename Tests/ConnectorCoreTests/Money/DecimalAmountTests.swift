import ConnectorCore
import Testing

struct DecimalAmountTests {
    @Test(
        arguments: [
            ("10.50", 2, 1050), ("10.5", 2, 1050), ("10", 2, 1000), ("-0.01", 2, -1), ("1000", 0, 1000),
            ("1.234", 3, 1234),
            ("1e3", 2, 100_000), ("1.05E1", 2, 1050), ("10.500", 2, 1050), ("0.00", 2, 0), ("1050e-2", 2, 1050),
            (".5", 2, 50),
            ("92233720368547758.07", 2, Int64.max), ("-92233720368547758.08", 2, Int64.min), ("0e300", 2, 0),
        ] as [(String, Int, Int64)]
    )
    func `decimal text becomes the smallest unit exactly`(text: String, places: Int, amount: Int64) throws {
        #expect(try DecimalAmount.minorUnits(text, places: places) == amount)
    }

    @Test(
        arguments: [
            ("1.005", 2, DecimalAmount.Mistake.tooPrecise), ("0.1", 0, .tooPrecise), ("1e-3", 2, .tooPrecise),
            ("92233720368547758.08", 2, .tooLarge), ("1e300", 2, .tooLarge), ("1e9999", 2, .tooLarge),
            ("", 2, .notANumber),
            ("ten", 2, .notANumber), ("1.2.3", 2, .notANumber), ("1,5", 2, .notANumber), ("1e", 2, .notANumber),
            (" 1", 2, .notANumber),
        ]
    )
    func `what can't be exact is refused, not rounded`(text: String, places: Int, mistake: DecimalAmount.Mistake) {
        #expect(throws: mistake) { try DecimalAmount.minorUnits(text, places: places) }
    }

    @Test func `there and back is the same, for ten thousand random amounts`() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<10_000 {
            let amount =
                Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...62, using: &generator)
            let places = Int.random(in: 0...4, using: &generator)
            let text = DecimalAmount.text(amount, places: places)
            #expect(try DecimalAmount.minorUnits(text, places: places) == amount)
        }
    }

    @Test func `currencies have the places of ISO 4217, and unknown ones none`() {
        let table =
            ["CHF": 2, "eur": 2, "JPY": 0, "KWD": 3, "CLF": 4, "UYW": 4, "XXX": nil, "AB": nil] as [String: Int?]
        for (code, places) in table { #expect(CurrencyExponent.of(code) == places, "\(code)") }
    }
}
