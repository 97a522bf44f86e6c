import ConnectorCore
import Testing

struct ISO8601Tests {
    private static let noon: Int64 = 1_795_455_060  // 2026-11-23T17:31:00Z

    @Test(arguments: [
        ("2026-11-23T17:31:00Z", noon, 0), ("2026-11-23t17:31:00z", noon, 0), ("2026-11-23 17:31:00", noon, 0),
        ("2026-11-23T17:31Z", noon, 0), ("2026-11-23 17:31:00 UTC", noon, 0), ("2026-11-23T17:31:00+00", noon, 0),
        ("2026-11-23T18:31:00+01:00", noon, 0), ("2026-11-23T11:31:00-0600", noon, 0),
        ("2026-11-23 23:01:00 +0530", noon, 0), ("2026-11-23T17:31:00-00:00", noon, 0),
        ("2026-11-24T00:31:00.5+07", noon, 500_000_000), ("2026-11-23T17:31:00.000001", noon, 1000),
        ("2026-11-23T17:31:00,25Z", noon, 250_000_000), ("2026-11-23T17:31:00.1234567899999Z", noon, 123_456_789),
        ("2026-11-23", noon - 63060, 0), ("1969-12-31T23:59:59.9Z", -1, 900_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_799, 999_999_999), ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
    ])
    func `times as APIs write them are read`(text: String, seconds: Int64, nanoseconds: Int64) {
        let expected = Instant(seconds: seconds) + .nanoseconds(nanoseconds)
        #expect(Instant(iso8601: text) == expected)
        #expect(Instant(iso8601: Array(text.utf8)) == expected)
        #expect(Instant(iso8601: Array("\"\(text)\"".utf8)[1...].dropLast()) == expected)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-11-31", "2026-02-29T00:00:00Z", "2026-13-01", "2026-11-23T",
        "2026-11-23T24:00:00Z",
        "2026-11-23T17:60:00Z", "2026-11-23T17:31:61Z", "2026-11-23T17:30:60Z", "2026-11-23T17:31:00.Z",
        "2026-11-23T17:31:00+1", "2026-11-23T17:31:00+24:00", "2026-11-23T17:31:00+01:60", "2026-11-23T17:31:00+01:",
        "2026-11-23T17:31:00Zz", "2026-11-23T17:31:00 ", " 2026-11-23", "2026-11-23T17:31:00CET", "26-11-23",
        "+2026-11-23",
        "2026-11-23Z", "2026-11-2３",
    ])
    func `what is not a time is none`(text: String) {
        #expect(Instant(iso8601: text) == nil)
    }

    @Test func `dates beyond an instant become its ends`() {
        #expect(Instant(iso8601: "9999-12-31T23:59:59Z") == Instant(nanoseconds: .max))
        #expect(Instant(iso8601: "0001-01-01T00:00:00Z") == Instant(nanoseconds: .min))
    }

    @Test(arguments: [
        (Int64(0), nil, "2026-11-23T17:31:00Z"), (250_000_000, nil, "2026-11-23T17:31:00.25Z"),
        (1, 3, "2026-11-23T17:31:00.000Z"),
        (999_999_999, 0, "2026-11-23T17:31:00Z"), (999_999_999, 6, "2026-11-23T17:31:00.999999Z"),
        (1, nil, "2026-11-23T17:31:00.000000001Z"), (0, 9, "2026-11-23T17:31:00.000000000Z"),
    ])
    func `fractions are written as asked and never rounded up`(nanoseconds: Int64, digits: Int?, text: String) {
        let instant = Instant(seconds: Self.noon) + .nanoseconds(nanoseconds)
        #expect(instant.iso8601(fractionDigits: digits) == text)
    }

    @Test func `filters have their own forms`() {
        let instant = Instant(seconds: Self.noon) + .microseconds(42)
        #expect(instant.spacedText() == "2026-11-23 17:31:00")
        #expect(instant.spacedText(fractionDigits: 6) == "2026-11-23 17:31:00.000042")
        #expect(instant.dateText == "2026-11-23")
    }

    @Test func `what is written is read back`() {
        var generator = SeededGenerator(seed: 8601)
        for _ in 0..<2000 {
            let instant = Instant(nanoseconds: Int64.random(in: .min ... .max, using: &generator))
            #expect(Instant(iso8601: instant.iso8601()) == instant)
        }
    }

    @Test func `no bytes crash the reader`() {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("0123456789-:T Z+.,zUC".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...32, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            _ = Instant(iso8601: bytes)
        }
    }
}
