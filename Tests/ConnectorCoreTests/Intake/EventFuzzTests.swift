import ConnectorCore
import Glibc
import Testing

/// What a sender with a secret may send: damaged, cut off, or of another shape. `FUZZ_COUNT` asks for more.
struct EventFuzzTests {
    private static let count =
        unsafe getenv("FUZZ_COUNT").flatMap { unsafe String(validatingCString: $0) }.flatMap { Int($0) } ?? 20_000

    private static let bodies = [
        #"{"id":"evt_1","type":"order.made","created":100,"data":{"object":{"id":"o_1","at":99,"total":1.50}}}"#,
        #"{"id":7,"type":"order.gone","created":"2026-01-02T03:04:05Z","data":{"object":{"id":[1,{"a":null}]}}}"#,
        #"{"events":[{"id":"1","type":"order.a","data":{"object":{"id":true}}},{"id":"2","type":"x"},null]}"#,
        "[null,{},[],0,\"\\ud83d\\ude00\",1e99]", "null", "{}",
    ]
    /// Bytes that mean something to a reader of JSON.
    private static let telling = Array("{}[]\",:\\0u-.eE null\u{0}".utf8) + [0xFF, 0xC0, 0x80, 0xED]

    private func reader(_ events: [String]?, object: [String]) throws -> EventReader {
        let url = try #require(URLReference("https://a.example"))
        var connector = ConnectorDefinition(name: "acme", baseURL: url, streams: [])
        connector.webhook = WebhookRule(
            scheme: .stripe(),
            events: events,
            version: WebhookRule.Version(field: ["created"], format: .iso8601),
            object: object,
            effects: [
                WebhookEffect("*", action: .upsert, stream: "s"),
                WebhookEffect("order.gone", action: .delete, stream: "s"),
            ],
            streams: ["s"]
        )
        return try #require(EventReader(connector))
    }

    /// One to four changes: a byte, a piece twice, a piece less, a cut.
    private func mutated(_ body: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = body
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: bytes[index] = Self.telling.randomElement(using: &generator) ?? 0
            case 2: bytes.insert(Self.telling.randomElement(using: &generator) ?? 0, at: index)
            case 3: bytes.remove(at: index)
            case 4: bytes.removeSubrange(index...)
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 20)], at: index)
            }
        }
        return bytes
    }

    @Test func `whatever a body is, it is read or refused`() throws {
        let readers = [
            try reader(nil, object: ["data", "object"]), try reader(nil, object: []),
            try reader(["events"], object: ["data", "object"]), try reader([], object: []),
        ]
        var generator = SeededGenerator(seed: 4)
        var read = 0
        var refused = 0
        var changes = 0
        for number in 0..<Self.count {
            let body = mutated(Array(Self.bodies[number % Self.bodies.count].utf8), &generator)
            let reader = readers[Int.random(in: readers.indices, using: &generator)]
            do throws(EventProblem) {
                let events = try reader.events(in: body, headers: [:], query: [])
                read += 1
                for event in events {
                    let waiting = WaitingEvent(
                        number: 1,
                        id: event.id,
                        type: event.type,
                        at: Instant(seconds: 0),
                        bytes: event.bytes
                    )
                    if let change = try reader.effect(of: waiting).change {
                        changes += 1
                        // What the sink gets is a piece of what was sent.
                        #expect(change.object.endIndex <= event.bytes.count)
                        #expect(event.bytes[change.object.indices] == change.object)
                    }
                }
            } catch {
                refused += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect(read > Self.count / 100)
        #expect(refused > Self.count / 50)
        #expect(changes > Self.count / 200)
    }
}
