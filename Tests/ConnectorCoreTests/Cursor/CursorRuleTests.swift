import ConnectorCore
import Testing

struct CursorRuleTests {
    private let second: Int64 = 1_000_000_000

    @Test func `a value is rounded down to what the filter can express`() {
        let rule = CursorRule(fields: [["t"]], format: .unix, order: .ascending, granularity: 60 * second)
        #expect(rule.floored(119 * second) == 60 * second)
        #expect(rule.floored(120 * second) == 120 * second)
        #expect(rule.floored(-1) == -60 * second)
    }

    @Test func `the reach lies the lookback behind, on a step of the filter`() {
        let rule = CursorRule(
            fields: [["t"]],
            format: .unixMilliseconds,
            filterFormat: .unix,
            order: .ascending,
            lookback: 5 * second
        )
        #expect(rule.granularity == second)
        #expect(rule.reach(behind: 10 * second + 1) == 5 * second)
        #expect(rule.reach(behind: .min) < 0)
    }

    @Test(arguments: [
        (CursorFormat.unix, "1700000000", Int64(1_700_000_000_000_000_000)),
        (.unix, "\"1700000000\"", 1_700_000_000_000_000_000),
        (.unix, "-1", -1_000_000_000),
        (.unixMilliseconds, "1700000000123", 1_700_000_000_123_000_000),
        (.integer, "9223372036854775807", .max),
        (.iso8601, "\"1970-01-01T00:00:01.5Z\"", 1_500_000_000),
        (.iso8601, "\"1970-01-01T01:00:00+01:00\"", 0),
        (.datetime, "\"1970-01-01 00:00:02.000003\"", 2_000_003_000),
        (.date, "\"1970-01-02\"", 86_400_000_000_000),
        (.parts, #"{"year":1970,"month":1,"day":1,"hour":0,"minute":1,"second":1,"microsecond":5}"#, 61_000_005_000),
        (.jsonDate, #""/Date(1541176290160+0000)/""#, 1_541_176_290_160_000_000),
        (.jsonDate, #""\/Date(1541176290160)\/""#, 1_541_176_290_160_000_000),
        (.jsonDate, #""/Date(-1-0730)/""#, -1_000_000),
        (CursorFormat(rawValue: "%d.%m.%Y")!, #""02.01.1970""#, 86_400_000_000_000),
    ])
    func `every format is read`(format: CursorFormat, json: String, value: Int64) {
        #expect(format.value(of: Array(json.utf8)) == value)
    }

    @Test(arguments: [
        (CursorFormat.unix, "null"), (.unix, ""), (.unix, "1.5"), (.unix, "\"\""), (.unix, "-"),
        (.unix, "9223372036854775807"), (.integer, "9223372036854775808"), (.iso8601, "\"yesterday\""),
        (.iso8601, "17"),
        (.parts, #"{"year":1970,"month":13,"day":1}"#), (.parts, "{}"), (.parts, #"{"year":1970"#),
        (.jsonDate, #""/Date()/""#), (.jsonDate, #""/Date(x)/""#), (.jsonDate, #""/Date(1+00)/""#), (.jsonDate, "1"),
        (.jsonDate, #""/Date(9223372036854775807)/""#), (CursorFormat(rawValue: "%d.%m.%Y")!, "\"2.1\""),
    ])
    func `what is not of the format is no value`(format: CursorFormat, json: String) {
        #expect(format.value(of: Array(json.utf8)) == nil)
    }

    @Test(arguments: CursorFormat.allCases + [CursorFormat(rawValue: "%Y %m %d %H:%M:%S.%f")!])
    func `a format has one name, and reads what its filter writes`(format: CursorFormat) {
        #expect(CursorFormat(rawValue: format.rawValue) == format)
        guard format != .parts else { return }
        let value: Int64 = 1_767_225_600_000_000_000
        let written = format.variable(for: value)
        let json = if case .string(let text) = written { JSONValue.string(text).text } else { written.text }
        #expect(format.value(of: Array(json.utf8)) == value)
    }

    @Test func `parts beyond any calendar are no value`() {
        let parts = #"{"year":1970,"month":1,"day":1,"microsecond":9223372036854775807}"#
        #expect(CursorFormat.parts.value(of: Array(parts.utf8)) == nil)
    }
}
