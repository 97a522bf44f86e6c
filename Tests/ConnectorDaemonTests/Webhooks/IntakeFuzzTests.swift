import ConnectorCore
import ConnectorDaemon
import Glibc
import Testing

/// The whole way of a request behind the socket: proof, reading, inbox, work. `FUZZ_COUNT` asks for more.
@Suite(.timeLimit(.minutes(30)))
struct IntakeFuzzTests {
    private static let count =
        unsafe getenv("FUZZ_COUNT").flatMap { unsafe String(validatingCString: $0) }.flatMap { Int($0) } ?? 10_000
    /// Requests of one stage: the inbox in memory is searched from end to end.
    private static let stageCount = 250

    private static func mutated(_ text: String, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = .random(in: .min ... .max, using: &generator)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...9, using: &generator)))
            case 3: bytes.insert(contentsOf: bytes[index...].prefix(12), at: index)
            default: bytes.insert(Array("{}[]\",:0=;".utf8).randomElement(using: &generator) ?? 0, at: index)
            }
        }
        return bytes
    }

    private static func text(_ text: String, _ generator: inout SeededGenerator) -> String {
        String(decoding: mutated(text, &generator), as: UTF8.self)
    }

    @Test func `nothing without the token is taken, and nothing with it brings the daemon down`() async throws {
        var generator = SeededGenerator(seed: 44)
        var statuses: [Int: Int] = [:]
        var delivered = 0
        for _ in 0..<max(1, Self.count / Self.stageCount) {
            let stage = try EventStage()
            for number in 0..<Self.stageCount {
                var request = Sender.request("")
                request.body = Self.mutated(Sender.event("e\(number)", at: number, key: "\(number % 7)"), &generator)
                let isProven = Bool.random(using: &generator)
                if !isProven {
                    let token = Self.text("token-1", &generator)
                    request.headers = ["X-Token": token, "X-Other": Self.text("token-1", &generator)]
                    if token == "token-1" { continue }
                    request.path = WebhookIntake.pathPrefix + Self.text("c", &generator)
                    request.query = [(Self.text("validationToken", &generator), "x")]
                }
                let status = await stage.answer(request).status
                statuses[status, default: 0] += 1
                #expect(isProven ? [200, 400].contains(status) : [401, 404].contains(status))
            }
            for stream in await stage.store.waitingCounts().keys {
                let outcome = await stage.workOff(stream).outcome
                if case .succeeded(let run) = outcome {
                    delivered += Int(run.records)
                } else {
                    Issue.record("\(outcome)")
                }
            }
            #expect(await stage.waitingCount() == 0)
        }
        #expect(delivered > Self.count / 40)
        #expect(Set(statuses.keys) == [200, 400, 401, 404])
    }

    @Test func `no header proves anything without the secret`() async throws {
        var generator = SeededGenerator(seed: 45)
        let body = Sender.event("e1")
        let digest = String(repeating: "5257a869e7ecebeda32affa62cdca3fa", count: 2)
        for scheme in [
            WebhookScheme.stripe(), .hmac(WebhookSignature()), .shopify, .adyen, .tokenInBody(path: ["a", "b"]),
        ] {
            let stage = try EventStage { rule in
                rule.scheme = scheme
                // Adyen's keys are hex.
                rule.secrets = [Secret("44782DEF547AAA06C910C43932B1EB0C")]
            }
            let header = scheme.header ?? "X-None"
            for _ in 0..<Self.count / 10 {
                var request = Sender.request(body)
                let value = Self.text("t=1800000000,v1=\(digest),v1=\(digest)", &generator)
                request.headers = [header: value, "X-Signature": digest]
                request.body = Self.mutated(body, &generator)
                #expect([400, 401].contains(await stage.answer(request).status))
            }
            #expect(await stage.waitingCount() == 0)
        }
    }
}
