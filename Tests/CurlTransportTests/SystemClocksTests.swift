import ConnectorCore
import CurlTransport
import Testing

struct SystemClocksTests {
    @Test
    func `the clocks go forward and the wall clock is in this century`() {
        let clocks = SystemClocks()
        let first = clocks.monotonic
        #expect(clocks.monotonic >= first)
        #expect(clocks.now > Instant(seconds: 1_700_000_000))
        #expect(clocks.now < Instant(seconds: 4_102_444_800))
    }
}
