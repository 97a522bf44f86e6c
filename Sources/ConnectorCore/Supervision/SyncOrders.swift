/// Syncs that somebody asked the running daemon for: which begin next with what options, and what came of them.
/// A value without I/O.
package struct SyncOrders: Sendable {
    /// A person or a script or two; what came of the oldest order is forgotten first.
    package static let kept = 64

    /// What came of one stream of an order.
    package enum Result: Sendable, Equatable {
        case pending
        case ended(SyncOutcome)
        /// It will not run: its connector was removed or changed, or the daemon ends.
        case dropped
    }

    package struct Order: Sendable, Equatable {
        package var results: [StreamID: Result]
        package var isDone: Bool { settled == results.count }
        /// How many streams it is known of.
        package var settled: Int { results.values.count { $0 != .pending } }
    }

    private struct Wish: Sendable {
        var number: Int
        var options: SyncOptions
    }

    private var orders: [Int: Order] = [:]
    private var lastNumber = 0
    /// What waits for a stream's next run.
    private var wishes: [StreamID: Wish] = [:]
    /// What the run under way was begun for.
    private var running: [StreamID: Int] = [:]

    package init() {}

    /// Nil where one of the streams is asked for already and has not begun.
    package mutating func place(_ streams: [StreamID: SyncOptions]) -> Int? {
        guard !streams.isEmpty, streams.keys.allSatisfy({ wishes[$0] == nil }) else { return nil }
        lastNumber += 1
        for (stream, options) in streams { wishes[stream] = Wish(number: lastNumber, options: options) }
        orders[lastNumber] = Order(results: streams.mapValues { _ in .pending })
        forgetOldest()
        return lastNumber
    }

    private mutating func forgetOldest() {
        guard orders.count > Self.kept, let oldest = orders.filter(\.value.isDone).keys.min() else { return }
        orders[oldest] = nil
    }

    package func order(_ number: Int) -> Order? { orders[number] }

    /// A run of the stream begins, with these options.
    package mutating func begin(_ stream: StreamID) -> SyncOptions {
        guard let wish = wishes.removeValue(forKey: stream) else { return SyncOptions() }
        running[stream] = wish.number
        return wish.options
    }

    package mutating func ended(_ stream: StreamID, _ outcome: SyncOutcome) {
        guard let number = running.removeValue(forKey: stream) else { return }
        orders[number]?.results[stream] = .ended(outcome)
    }

    /// These streams will not begin.
    package mutating func drop(where isGone: (StreamID) -> Bool) {
        for (stream, wish) in wishes where isGone(stream) {
            wishes[stream] = nil
            orders[wish.number]?.results[stream] = .dropped
        }
    }
}
