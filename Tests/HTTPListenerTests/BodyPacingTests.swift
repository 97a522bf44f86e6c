import Testing

@testable import HTTPListener

struct BodyPacingTests {
    private func pacing(_ delivery: ListenerResponse.Delivery) -> BodyPacing {
        BodyPacing(delivery: delivery, stallTime: .seconds(9))
    }

    @Test func `slow sends a chunk, pauses, and sends the next`() {
        var pacing = pacing(.slow(chunk: 10, every: .seconds(1)))
        #expect(pacing.step(at: 0) == .send(upTo: 10))
        #expect(pacing.step(at: 4) == .send(upTo: 10))
        #expect(pacing.step(at: 10) == .pause(.seconds(1)))
        #expect(pacing.step(at: 10) == .send(upTo: 20))
    }

    @Test func `a chunk of nothing still moves`() {
        var pacing = pacing(.slow(chunk: 0, every: .zero))
        #expect(pacing.step(at: 0) == .send(upTo: 1))
    }

    @Test func `a stall pauses once and then fails`() {
        var pacing = pacing(.stall(afterBytes: 3))
        #expect(pacing.step(at: 0) == .send(upTo: 3))
        #expect(pacing.step(at: 3) == .pause(.seconds(9)))
        #expect(pacing.step(at: 3) == .fail)
    }

    @Test(arguments: [ListenerResponse.Delivery.reset(afterBytes: 5), .truncated(afterBytes: 5)])
    func `a broken body fails at its point`(delivery: ListenerResponse.Delivery) {
        var pacing = pacing(delivery)
        #expect(pacing.step(at: 0) == .send(upTo: 5))
        #expect(pacing.step(at: 5) == .fail)
    }
}
