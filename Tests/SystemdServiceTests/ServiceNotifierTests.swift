import ConnectorCore
import Glibc
import SystemdService
import Testing

@Suite
struct ServiceNotifierTests {
    let scratch = Scratch()

    @Test
    func `each call is one message in systemd's words`() throws {
        let socket = NotifySocket("\(scratch.path)/notify")
        let notifier = ServiceNotifier(address: socket.address)
        #expect(notifier.isActive)
        try notifier.ready(status: "3 connectors")
        #expect(socket.receive() == "READY=1\nSTATUS=3 connectors")
        try notifier.status("idle")
        #expect(socket.receive() == "STATUS=idle")
        try notifier.watchdog()
        #expect(socket.receive() == "WATCHDOG=1")
        try notifier.reloading(at: MonotonicInstant(nanoseconds: 1_234_567_999))
        #expect(socket.receive() == "RELOADING=1\nMONOTONIC_USEC=1234567")
        try notifier.extendTimeout(.milliseconds(1_500))
        #expect(socket.receive() == "EXTEND_TIMEOUT_USEC=1500000")
        try notifier.failed(errno: 28, status: "no space")
        #expect(socket.receive() == "ERRNO=28\nSTATUS=no space")
        try notifier.stopping(status: "draining")
        #expect(socket.receive() == "STOPPING=1\nSTATUS=draining")
        #expect(socket.receive().isEmpty)
    }

    @Test
    func `an abstract socket is reached`() throws {
        let socket = NotifySocket("@connectord-test-\(getpid())")
        try ServiceNotifier(address: socket.address).watchdog()
        #expect(socket.receive() == "WATCHDOG=1")
    }

    @Test
    func `a status cannot smuggle in an assignment`() throws {
        let socket = NotifySocket("\(scratch.path)/notify")
        try ServiceNotifier(address: socket.address).status("bad\nSTOPPING=1\r\u{2028}\u{7}x")
        #expect(socket.receive() == "STATUS=bad STOPPING=1  ?x")
    }

    @Test
    func `a long status is cut at a character`() throws {
        let socket = NotifySocket("\(scratch.path)/notify")
        try ServiceNotifier(address: socket.address).status("x" + String(repeating: "\u{20AC}", count: 1_000))
        #expect(socket.receive() == "STATUS=x" + String(repeating: "\u{20AC}", count: 170))
    }

    @Test
    func `off systemd every call does nothing`() throws {
        let notifier = ServiceNotifier(address: nil)
        #expect(!notifier.isActive)
        try notifier.ready(status: "x")
        try notifier.watchdog()
    }

    @Test(arguments: ["/nowhere/notify", "relative", "", "/" + String(repeating: "x", count: 200)])
    func `a message that cannot be sent is an error with the address`(_ address: String) throws {
        let error = try #require(throws: SystemdError.self) { try ServiceNotifier(address: address).watchdog() }
        #expect(error.description.contains(address))
        #expect(error.code == (address == "/nowhere/notify" ? ENOENT : EINVAL))
    }

    @Test
    func `a test run is not watched`() {
        #expect(ServiceNotifier.fromEnvironment().watchdogInterval == nil)
    }
}
