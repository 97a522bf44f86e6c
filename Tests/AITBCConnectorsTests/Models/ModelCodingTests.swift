import AITBCConnectors
import ConnectorCore
import Testing

struct ModelCodingTests {
    private static let at = Instant(seconds: 1_800_000_000)

    @Test func `an unknown value of an enumeration is kept as it came`() throws {
        let json: JSONValue = [
            "id": "c", "amount": 5, "currency": "chf", "status": "disputed_lately",
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        ]
        let charge = try JSONValueDecoder().decode(Charge.self, from: json)
        #expect(charge.status.rawValue == "disputed_lately" && !charge.status.isKnown)
        #expect(try JSONValueEncoder().encode(charge)["status"] == "disputed_lately")
        #expect(charge.amountRefunded == 0 && charge.refunds.isEmpty && charge.paymentMethodID == nil)
    }

    @Test func `a model survives the way to JSON and back`() throws {
        let charge = Charge(
            id: "ch",
            amount: 99_999_999,
            currency: "jpy",
            status: .partiallyRefunded,
            createdAt: Self.at,
            updatedAt: Self.at,
            description: "Büro",
            metadata: ["big": .number("123456789012345678901234567890.123")],
            refunds: [["id": "re"]],
            paymentMethodDetails: ["card": ["last4": "4242"]]
        )
        let json = try JSONValueEncoder().encode(charge)
        #expect(try JSONValueDecoder().decode(Charge.self, from: json) == charge)
        #expect(json["metadata"]?["big"]?.number == "123456789012345678901234567890.123")
        #expect(json["created_at"] == "2027-01-15T08:00:00Z")
    }

    @Test func `amounts are exact integers or an error`() {
        let base: [JSONValue.Member] = [.init("currency", "chf")]
        for (text, value) in [("9007199254740993", 9_007_199_254_740_993), ("1e2", 100), ("10.0", 10)] {
            let json = JSONValue.object(base + [.init("amount", .number(text))])
            #expect((try? JSONValueDecoder().decode(Balance.Amount.self, from: json))?.amount == value)
        }
        for text in ["10.5", "9223372036854775808", "1e400"] {
            let json = JSONValue.object(base + [.init("amount", .number(text))])
            #expect(throws: DecodingError.self) { try JSONValueDecoder().decode(Balance.Amount.self, from: json) }
        }
    }

    @Test func `an error of decoding names the path`() throws {
        let json: JSONValue = ["available": [["amount": 1, "currency": "chf"], ["amount": "x", "currency": "chf"]]]
        let error = try #require(throws: DecodingError.self) { try JSONValueDecoder().decode(Balance.self, from: json) }
        #expect("\(error)".contains("amount"))
    }

    @Test func `any JSON gives a value or a decoding error`() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let value = Self.random(&generator, depth: 4)
            do {
                _ = try JSONValueDecoder().decode(Subscription.self, from: value)
            } catch {
                #expect(error is DecodingError)
            }
        }
    }

    private static func random(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
        let names = ["id", "status", "created_at", "metadata", "amount", "current_period_end", "customer_id"]
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .number(["1", "-0", "1e999", "12345678901234567890", "0.5"].randomElement(using: &generator) ?? "1")
        case 3: return .string(["", "x", "2027-01-15T08:00:00Z"].randomElement(using: &generator) ?? "")
        case 4: return .object([])
        case 5: return .array((0..<3).map { _ in random(&generator, depth: depth - 1) })
        default:
            return .object(names.shuffled(using: &generator).map { .init($0, random(&generator, depth: depth - 1)) })
        }
    }

    @Test func `a configuration never shows what is secret`() throws {
        var config = ConnectorConfig(baseURL: "https://a.example", apiKey: Secret("sk_1"))
        config.webhookSecret = Secret("whsec_1")
        config.authConfig = ["client_secret": "hush"]
        var dumped = ""
        dump(config, to: &dumped)
        for secret in ["sk_1", "whsec_1", "hush"] { #expect(!"\(config)\(dumped)".contains(secret)) }
    }

    @Test func `a configuration's mistakes are all named at once`() throws {
        var config = ConnectorConfig(baseURL: "http://api.example", apiKey: Secret("k"))
        config.timeout = .zero
        config.maxConnections = 0
        config.maxRetries = -1
        config.burstLimit = 5
        config.tenantID = "a\nb"
        let error = try #require(throws: ConfigurationError.self) { try config.validate() }
        let names = error.details.members?.map(\.name)
        #expect(names == ["base_url", "timeout", "max_connections", "max_retries", "burst_limit", "tenant_id"])
    }
}
