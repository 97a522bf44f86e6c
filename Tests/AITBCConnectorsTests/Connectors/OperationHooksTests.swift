import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

struct OperationHooksTests {
    private struct Refused: Error {}

    @Test func `hooks see each operation, complete its data, and end in turn`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{\"id\":\"ch_1\"}")) }
        let stripe = try StripeConnector.make(transport)
        let seen = Mutex<[String]>([])
        for name in ["outer", "inner"] {
            stripe.engine.addHooks(
                OperationHooks(
                    before: { operation, data in
                        seen.withLock { $0.append("\(name) before \(operation)") }
                        return .object((data.members ?? []) + [.init(name, 1)])
                    },
                    after: { operation, data, result in
                        let outcome = if case .success = result { "well" } else { "badly" }
                        seen.withLock {
                            $0.append("\(name) after \(operation) with \(data["inner"] ?? nil): \(outcome)")
                        }
                    }
                )
            )
        }
        stripe.setOperationHandler("ping") { data in data }
        #expect(try await stripe.perform("ping", data: ["x": 0]) == ["x": 0, "outer": 1, "inner": 1])
        #expect(
            seen.withLock { $0 } == [
                "outer before ping", "inner before ping", "inner after ping with 1: well",
                "outer after ping with 1: well",
            ]
        )
    }

    @Test func `a hook that throws refuses the operation, and those that had begun hear of it`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        let stripe = try StripeConnector.make(transport)
        let failures = Mutex(0)
        stripe.engine.addHooks(
            OperationHooks(before: { _, data in
                if (data["amount"]?.int64 ?? 0) > 100 { throw Refused() }
                return data
            })
        )
        stripe.engine.addHooks(
            OperationHooks(after: { _, _, result in if case .failure = result { failures.withLock { $0 += 1 } } })
        )
        await #expect(throws: Refused.self) {
            try await stripe.createCharge(amount: 500, currency: "chf", source: "tok")
        }
        // The one behind it had not begun.
        #expect(transport.requests.isEmpty && failures.withLock { $0 } == 0)
        #expect(stripe.metrics["error_count"] == 1 && stripe.metrics["error_rate"] == 1.0)
        #expect(stripe.metrics["last_sync"] == .null && stripe.metrics["no_such_figure"] == nil)
    }

    @Test func `figures are had by their names`() async throws {
        let collector = MetricsCollector()
        collector.increment("sent_total", by: 2, tags: ["to": "a"])
        collector.increment("sent_total", by: 3, tags: ["to": "b"])
        collector.gauge("waiting", 7)
        collector.observe("took", 0.5)
        collector.observe("took", 1.5)
        #expect(collector.value("sent_total", tags: ["to": "a"]) == .counter(2) && collector.total("sent_total") == 5)
        #expect(collector.value("waiting") == .gauge(7) && collector.total("waiting") == nil)
        #expect(collector.value("took") == .histogram(count: 2, sum: 2))
        #expect(collector.value("sent_total") == nil && collector.value("other") == nil && collector.total("x") == nil)
    }
}
