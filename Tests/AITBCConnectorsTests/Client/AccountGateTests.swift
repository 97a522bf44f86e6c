import AITBCConnectors
import ConnectorCore
import Testing

struct AccountGateTests {
    /// How many retries the gate grants while every answer is this one.
    private static func retries(of status: Int, goodBefore: Int = 0) async throws -> Int {
        let gate = AccountGate(rate: nil, burst: nil, clocks: StillClocks())
        for _ in 0..<goodBefore {
            try await gate.admit()
            _ = gate.answered(TransportResponse(status: 200))
        }
        var retries = 0
        for _ in 0..<200 {
            try await gate.admit()
            _ = gate.answered(TransportResponse(status: status))
            let failure = SyncFailure(.badAnswer, "no", hint: "")
            guard case .retry = gate.verdict(RetryPolicy(maxRetries: .max), failure, attempt: 1) else { continue }
            retries += 1
        }
        return retries
    }

    @Test func `retries do not pay for retries: what fails brings in nothing`() async throws {
        #expect(try await Self.retries(of: 404) == RetryBudget.defaultReserve)
        #expect(try await Self.retries(of: 400, goodBefore: 50) == RetryBudget.defaultReserve + 10)
    }
}
