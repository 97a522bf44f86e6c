public import ConnectorCore
import CurlTransport

extension Instant {
    /// What this machine's clock says.
    public static var now: Instant { SystemClocks().now }
}
