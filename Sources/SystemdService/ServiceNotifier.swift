import CSystemd
package import ConnectorCore
import FileSystem

/// Tells systemd how the service is (`sd_notify(3)`). Off systemd every call succeeds and does nothing.
///
/// The messages go out by a socket of our own and not by `sd_notify`, which reads the process's environment at every
/// call: the address is a value here, so that tests bring their own.
package struct ServiceNotifier: Sendable {
    /// Longest status line kept, in bytes: `systemctl status` shows a line.
    private static let maximumStatusBytes = 512

    private let address: String?
    /// How long systemd waits for a `watchdog()` before it kills the service; nil when it does not watch. Call
    /// `watchdog()` at half this interval.
    package let watchdogInterval: Duration?

    /// `address` is a path, or an abstract name after `@`.
    package init(address: String?, watchdogInterval: Duration? = nil) {
        self.address = address
        self.watchdogInterval = watchdogInterval
    }

    /// As systemd set the process's environment (`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`).
    package static func fromEnvironment() -> ServiceNotifier {
        var microseconds: UInt64 = 0
        let watched = unsafe sd_watchdog_enabled(0, &microseconds) > 0
        return ServiceNotifier(
            address: environmentVariable("NOTIFY_SOCKET"),
            watchdogInterval: watched ? .microseconds(Int64(clamping: microseconds)) : nil
        )
    }

    /// Whether a service manager listens.
    package var isActive: Bool { address != nil }

    /// Start-up, or a reload, is complete.
    package func ready(status: String) throws(SystemdError) {
        try send(["READY=1", Self.line("STATUS", status)])
    }

    /// A sentence for `systemctl status`.
    package func status(_ text: String) throws(SystemdError) {
        try send([Self.line("STATUS", text)])
    }

    /// The service is alive and gets on.
    package func watchdog() throws(SystemdError) {
        try send(["WATCHDOG=1"])
    }

    /// The service has begun to stop.
    package func stopping(status: String) throws(SystemdError) {
        try send(["STOPPING=1", Self.line("STATUS", status)])
    }

    /// A reload has begun at `now`; `ready` ends it. (Without the time, `systemctl reload` of a `notify-reload` unit
    /// waits until it times out.)
    package func reloading(at now: MonotonicInstant) throws(SystemdError) {
        try send(["RELOADING=1", "MONOTONIC_USEC=\(now.nanoseconds / 1_000)"])
    }

    /// Start or stop takes longer: systemd shall wait for `span` from now.
    package func extendTimeout(_ span: Duration) throws(SystemdError) {
        try send(["EXTEND_TIMEOUT_USEC=\(max(0, span.wholeNanoseconds / 1_000))"])
    }

    /// The service fails, for this `errno` and reason.
    package func failed(errno code: Int32, status: String) throws(SystemdError) {
        try send(["ERRNO=\(code)", Self.line("STATUS", status)])
    }

    private func send(_ lines: [String]) throws(SystemdError) {
        guard let address else { return }
        let code = UnixDatagram.send(lines.joined(separator: "\n"), to: address)
        guard code != 0 else { return }
        throw SystemdError(
            operation: "notify the service manager at \(address)",
            code: code,
            hint: "check NOTIFY_SOCKET, and that the unit has NotifyAccess=main and RestrictAddressFamilies=AF_UNIX"
        )
    }

    /// A line break would begin another assignment; a line too long is cut at a character.
    private static func line(_ name: String, _ text: String) -> String {
        "\(name)=\(text.escapingControls(maximumBytes: maximumStatusBytes))"
    }
}
