/// The time of the curl thread's present round, read once: a round takes milliseconds, and what is measured by it are idle
/// times of seconds. Used by the curl thread only.
final class RoundClock {
    private(set) var now = ContinuousClock.now

    func read() { now = .now }
}
