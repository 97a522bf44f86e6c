import ConnectorCore
import Testing

struct InstantIntervalTests {
    @Test(
        arguments: [
            (0, 0), (1.5, 1_500_000_000), (-0.25, -250_000_000), (1_800_000_000.5, 1_800_000_000_500_000_000),
            (.infinity, .max), (-.infinity, .min), (.nan, 0), (1e300, .max), (-1e12, .min), (9_999_999_999, .max),
        ] as [(Double, Int64)]
    )
    func `seconds since 1970 become an instant, cut at its ends`(_ seconds: Double, _ nanoseconds: Int64) {
        #expect(Instant(timeIntervalSince1970: seconds).nanoseconds == nanoseconds)
    }

    @Test(arguments: [0, 1, -1, 1_500_000_000, -1_250_000_000, 1_800_000_000_500_000_000, .min, .max] as [Int64])
    func `an instant as seconds since 1970 leads back to itself, within what a Double can tell apart`(
        _ nanoseconds: Int64
    ) {
        let instant = Instant(nanoseconds: nanoseconds)
        let back = Instant(timeIntervalSince1970: instant.timeIntervalSince1970)
        #expect(back - instant < .microseconds(2) && instant - back < .microseconds(2))
    }
}
