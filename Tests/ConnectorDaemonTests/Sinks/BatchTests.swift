import ConnectorCore
import Testing

@testable import ConnectorDaemon

struct BatchTests {
    private let batch = Batch(lines: Array("{\"a\":1.10}\n{\"b\":\"é\"}\n3\n".utf8))

    @Test(arguments: [
        (BatchFormat.ndjson, "{\"a\":1.10}\n{\"b\":\"é\"}\n3\n"), (.array, "[{\"a\":1.10},{\"b\":\"é\"},3]"),
        (.records, "{\"records\":[{\"a\":1.10},{\"b\":\"é\"},3]}"),
    ])
    func `a body holds the lines byte for byte`(_ format: BatchFormat, _ body: String) {
        #expect(String(decoding: batch.body(format), as: UTF8.self) == body)
    }

    @Test func `an empty batch is an empty list`() {
        #expect(String(decoding: Batch().body(.records), as: UTF8.self) == "{\"records\":[]}")
    }

    @Test func `some of the lines make a smaller batch`() {
        #expect(batch.picking([0, 2]) == Batch(lines: Array("{\"a\":1.10}\n3\n".utf8)))
        #expect(String(decoding: batch.line(1), as: UTF8.self) == "{\"b\":\"é\"}")
    }

    @Test(arguments: [
        // records, bytes, expected
        (2, 1_000, ["a\nbb\n", "c\ndd\n", "e\n"]), (9, 5, ["a\nbb\n", "c\ndd\n", "e\n"]),
        (1, 1_000, ["a\n", "bb\n", "c\n", "dd\n", "e\n"]), (9, 1, ["a\n", "bb\n", "c\n", "dd\n", "e\n"]),
        (9, 1_000, ["a\nbb\nc\ndd\ne\n"]),
    ])
    func `a batch ends at its most records or bytes`(_ records: Int, _ bytes: Int, _ expected: [String]) {
        var gatherer = BatchGatherer(BatchRule(records: records, bytes: bytes))
        var found: [Batch] = []
        for text in ["a\nbb\n", "c\n", "dd\ne\n"] {
            var offset = 0
            while let full = gatherer.fill(from: Array(text.utf8), at: &offset) { found.append(full) }
        }
        if let rest = gatherer.take() { found.append(rest) }
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
        #expect(gatherer.take() == nil)
    }

    @Test func `a key is the SHA-256 of the bytes`() {
        #expect(
            BatchKey.of(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }
}
