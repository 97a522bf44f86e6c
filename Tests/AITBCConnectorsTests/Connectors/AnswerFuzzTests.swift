import AITBCConnectors
import ConnectorCore
import Testing

/// Whatever a server answers, an operation ends with a result or a typed error.
struct AnswerFuzzTests {
    private static let charge = Array(
        (#"{"id":"ch_1","amount":1999,"currency":"chf","status":"succeeded","created":1767225600,"metadata":{"a":"b"},"#
            + #""refunded":false,"amount_refunded":5,"refunds":{"data":[{"id":"re_1"}]},"payment_method":"pm_1"}"#).utf8
    )
    private static let statuses = [100, 200, 201, 204, 302, 400, 402, 404, 409, 412, 499, 501, 599, 600, 999]

    /// Any bytes, or a charge with none or some of its bytes changed, lost or doubled.
    private static func body(_ generator: inout SeededGenerator) -> [UInt8] {
        guard UInt8.random(in: 0..<4, using: &generator) > 0 else {
            return (0..<Int.random(in: 0..<200, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
        }
        var bytes = charge
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch UInt8.random(in: 0..<4, using: &generator) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(bytes[place], at: place)
            case 2: bytes[place] = .random(in: 0...255, using: &generator)
            default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
            }
            if bytes.isEmpty { return bytes }
        }
        return bytes
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `any answer is a charge or a typed error`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var charges = 0
        for _ in 0..<100 {
            let isGood = Bool.random(using: &generator)
            let status = isGood ? 200 : Self.statuses.randomElement(using: &generator) ?? 200
            let body = Self.body(&generator)
            let tag = String(
                (0..<5).map { _ in Character(Unicode.Scalar(UInt8.random(in: 1...255, using: &generator))) }
            )
            let transport = FakeTransport { _, _ in
                .success(TransportResponse(status: status, headers: ["Retry-After": tag, "ETag": tag], body: body))
            }
            let engine = try ConnectorEngine(
                name: "shop",
                definition: ShippedDefinitions.all["stripe"] ?? "",
                settings: ["api_key": "sk_test_fuzz", "max_retries": 0, "rate_limit": 100_000],
                transport: transport
            )
            do {
                _ = try await DefinedPaymentConnector(engine)
                    .createCharge(amount: 5, currency: "chf", source: "tok_visa")
                charges += 1
            } catch {
                #expect(error is any AITBCError, "\(type(of: error)): \(error) of \(status) \(body)")
            }
        }
        #expect(charges > 0)
    }
}
