import ConnectorCore
import HTTPListener
import Synchronization

@testable import ConnectorSandbox

/// A clock that moves when told.
final class FixedClocks: Clocks {
    private let time = Mutex(Instant(seconds: 1_780_000_000))

    var now: Instant { time.withLock { $0 } }
    var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: now.nanoseconds) }

    func advance(_ span: Duration) {
        time.withLock { $0 = $0 + span }
    }
}

/// An API behind its router, driven without a socket.
struct SandboxFixture {
    /// Little data, so that every test is quick.
    private static let size = ["--customers", "8", "--charges", "24", "--orders", "8", "--items", "4"]

    let clocks = FixedClocks()
    let router: Router
    static let bearer: TransportHeaders = ["Authorization": "Bearer sk_test_sandbox", "Host": "test"]

    static func payment(_ words: [String] = []) throws -> SandboxFixture {
        SandboxFixture(PaymentAPI(arguments: try SandboxArguments(size + words)))
    }

    static func erp(_ words: [String] = []) throws -> SandboxFixture {
        SandboxFixture(ERPAPI(arguments: try SandboxArguments(size + words)))
    }

    static func aitbc() -> SandboxFixture {
        SandboxFixture(AITBCAPI(arguments: SandboxArguments()))
    }

    private init(_ api: any SandboxAPI) {
        router = Router(api: api, clocks: clocks, seed: 1)
    }

    func send(
        _ method: String,
        _ target: String,
        _ body: String = "",
        headers: TransportHeaders = bearer
    ) -> ListenerResponse {
        let request = ListenerRequest(method: method, target: target, headers: headers, body: Array(body.utf8))
        return router.respond(to: request).response
    }

    func get(_ target: String) -> ListenerResponse {
        send("GET", target)
    }

    func fault(_ json: String) {
        _ = send("POST", "/_sandbox/faults", json)
    }

    /// Ids of a dump, in order of creation.
    func dump(_ collection: String) -> [String] {
        get("/_sandbox/dump/\(collection)").body.split(separator: UInt8(ascii: "\n")).compactMap {
            (try? SandboxJSONParser.parse(Array($0)))?["id"]?.text
        }
    }
}

extension ListenerResponse {
    var json: SandboxJSON {
        (try? SandboxJSONParser.parse(body)) ?? .null
    }

    func ids(_ member: String = "data") -> [String] {
        (json[member]?.elements ?? json.elements ?? []).compactMap { $0["id"]?.text }
    }
}
