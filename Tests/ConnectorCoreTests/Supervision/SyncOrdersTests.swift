import ConnectorCore
import Testing

@Suite
struct SyncOrdersTests {
    private let charges = StreamID(connector: "pay", stream: "charges")
    private let refunds = StreamID(connector: "pay", stream: "refunds")
    private let run = RunRecord(id: "r", started: Instant(seconds: 0), outcome: .succeeded)

    @Test func `the next run of a stream has the order's options, the one after it has none`() {
        var orders = SyncOrders()
        #expect(orders.place([charges: SyncOptions(full: true)]) == 1)
        #expect(orders.begin(charges) == SyncOptions(full: true))
        #expect(orders.begin(charges) == SyncOptions())
    }

    @Test func `an order is done when each of its streams has ended`() {
        var orders = SyncOrders()
        let number = orders.place([charges: SyncOptions(), refunds: SyncOptions()])
        #expect(number == 1 && orders.order(1)?.isDone == false)
        _ = orders.begin(charges)
        orders.ended(charges, .succeeded(run))
        #expect(orders.order(1)?.results == [charges: .ended(.succeeded(run)), refunds: .pending])
        orders.drop { $0 == refunds }
        #expect(orders.order(1)?.results[refunds] == .dropped && orders.order(1)?.isDone == true)
    }

    @Test func `a run that began before the order does not settle it`() {
        var orders = SyncOrders()
        _ = orders.begin(charges)
        _ = orders.place([charges: SyncOptions()])
        orders.ended(charges, .succeeded(run))
        #expect(orders.order(1)?.isDone == false)
    }

    @Test func `a stream that is asked for and has not begun is not asked for twice`() {
        var orders = SyncOrders()
        _ = orders.place([charges: SyncOptions()])
        #expect(orders.place([charges: SyncOptions(full: true), refunds: SyncOptions()]) == nil)
        #expect(orders.place([:]) == nil)
        _ = orders.begin(charges)
        #expect(orders.place([charges: SyncOptions(full: true)]) == 2)
    }

    @Test func `only the last orders are kept, and none that is not done is forgotten`() {
        var orders = SyncOrders()
        _ = orders.place([refunds: SyncOptions()])
        for _ in 0..<SyncOrders.kept * 2 {
            _ = orders.place([charges: SyncOptions()])
            _ = orders.begin(charges)
            orders.ended(charges, .interrupted(run))
        }
        #expect(orders.order(1)?.isDone == false)
        #expect(orders.order(2) == nil && orders.order(SyncOrders.kept * 2 + 1)?.isDone == true)
    }
}
