import ConnectorCore
import Glibc
import HTTPListener

/// The three APIs, each on a loopback port of its own.
struct Sandbox: Sendable {
    /// Batches for AITBC are larger than webhooks.
    static let maximumBodyBytes = 64 << 20

    let payment: HTTPListener
    let erp: HTTPListener
    let aitbc: HTTPListener

    init(_ arguments: SandboxArguments, clocks: any Clocks = SandboxClocks()) throws(ListenerError) {
        payment = try Self.listen(arguments.paymentPort, PaymentAPI(arguments: arguments), clocks, arguments)
        erp = try Self.listen(arguments.erpPort, ERPAPI(arguments: arguments), clocks, arguments)
        aitbc = try Self.listen(arguments.aitbcPort, AITBCAPI(arguments: arguments), clocks, arguments)
    }

    private static func listen(
        _ port: UInt16,
        _ api: any SandboxAPI,
        _ clocks: any Clocks,
        _ arguments: SandboxArguments
    ) throws(ListenerError) -> HTTPListener {
        let router = Router(api: api, clocks: clocks, seed: arguments.seed)
        let limits = ListenerLimits(bodyBytes: maximumBodyBytes)
        return try HTTPListener(configuration: ListenerConfiguration(address: .loopback(port: port), limits: limits)) {
            let (response, delay) = router.respond(to: $0)
            // Cancelled only when the listener stops, and then nobody waits.
            if delay > .zero { try? await Task.sleep(for: delay) }
            return response
        }
    }

    var announcement: String {
        func url(_ listener: HTTPListener) -> SandboxJSON { .string("http://127.0.0.1:\(listener.port)") }
        let json: SandboxJSON = [
            "payment": url(payment), "erp": url(erp), "aitbc": url(aitbc), "pid": .int(getpid()),
        ]
        return String(decoding: json.bytes, as: UTF8.self)
    }

    func stop() async {
        for listener in [payment, erp, aitbc] { await listener.stop(grace: .zero) }
    }
}

/// The system's clocks.
struct SandboxClocks: Clocks {
    var now: Instant { Instant(nanoseconds: Self.read(CLOCK_REALTIME)) }
    var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: Self.read(CLOCK_MONOTONIC)) }

    private static func read(_ clock: Int32) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
