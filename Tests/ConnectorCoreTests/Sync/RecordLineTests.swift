import ConnectorCore
import Testing

struct RecordLineTests {
    private static let page = Array("{\"id\":\"a\",\"at\":5}".utf8)
    private static let time = Array("2026-11-23T12:00:00.000Z".utf8)
    private let line = RecordLine(StreamID(connector: "shop", stream: "orders"))

    @Test func `an upsert holds the record byte for byte`() {
        var lines: [UInt8] = []
        line.append(to: &lines, from: Self.page, id: 6..<9, cursor: 15..<16, time: Self.time, record: 0..<17)
        #expect(
            String(decoding: lines, as: UTF8.self)
                == "{\"connector\":\"shop\",\"stream\":\"orders\",\"op\":\"upsert\",\"id\":\"a\",\"cursor\":5,"
                + "\"synced_at\":\"2026-11-23T12:00:00.000Z\",\"record\":{\"id\":\"a\",\"at\":5}}\n"
        )
    }

    @Test func `a key of several fields comes as text, and no cursor is null`() {
        var lines: [UInt8] = []
        line.append(to: &lines, from: Self.page, idText: "[1,2]", cursor: nil, time: Self.time, record: 0..<17)
        #expect(String(decoding: lines, as: UTF8.self).contains("\"id\":[1,2],\"cursor\":null,\"synced_at\""))
    }

    @Test func `a deletion has no record`() {
        var lines: [UInt8] = []
        line.appendDelete(to: &lines, id: "\"a\"".utf8, time: Self.time)
        #expect(
            String(decoding: lines, as: UTF8.self)
                == "{\"connector\":\"shop\",\"stream\":\"orders\",\"op\":\"delete\",\"id\":\"a\",\"cursor\":null,"
                + "\"synced_at\":\"2026-11-23T12:00:00.000Z\",\"record\":null}\n"
        )
    }

    @Test func `every line is JSON of its own, and is appended`() throws {
        var lines: [UInt8] = []
        let odd = RecordLine(StreamID(connector: "a\"b", stream: "c\\d"))
        odd.append(to: &lines, from: Self.page, id: 6..<9, cursor: nil, time: Self.time, record: 0..<17)
        odd.appendDelete(to: &lines, id: "1".utf8, time: Self.time)
        let parsed = try lines.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
        #expect(parsed.count == 2)
        #expect(parsed.allSatisfy { $0["connector"]?.string == "a\"b" && $0["stream"]?.string == "c\\d" })
    }
}
