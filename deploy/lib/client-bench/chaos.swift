// Writes numbered records through AITBCClient while the server misbehaves, each with a key of its own, until each was
// acknowledged; deploy/lib/certify.py makes the server misbehave.
// usage: chaos BASE_URL KEY WRITERS      writes until standard input ends, then finishes; prints one line of JSON
import AITBCConnectors
import Glibc
import Synchronization

/// What came of it.
struct Tally: Sendable {
    var acknowledged = 0
    var failures: [String: Int] = [:]
}

let words = CommandLine.arguments
guard words.count == 4, let writers = Int(words[3]) else {
    print("usage: chaos BASE_URL KEY WRITERS")
    exit(64)
}
var config = ConnectorConfig(baseURL: words[1], apiKey: Secret(words[2]), maxConnections: 64)
config.timeout = .seconds(3)
config.maxRetries = 5
config.retryBackoff = .milliseconds(20)
config.circuitBreaker = CircuitBreaker(coolDown: .seconds(1), ceiling: .seconds(5))
let client = try AITBCClient(config: config)
let isOver = Mutex(false)
let tally = Mutex(Tally())
let next = Mutex(0)

@Sendable func write(_ number: Int) async {
    let options = RequestOptions(idempotencyKey: "chaos-\(number)")
    while true {
        do {
            let answer = try await client.post("records", body: ["number": .number(String(number))], options: options)
            guard answer.data["accepted"]?.int64 == 1 else { fatalError("not accepted: \(answer.data)") }
            return tally.withLock { $0.acknowledged += 1 }
        } catch let error as any AITBCError {
            // Whoever needs the write asks again with the same key.
            tally.withLock { $0.failures[error.code ?? "none", default: 0] += 1 }
            try? await Task.sleep(for: error.code == "CIRCUIT_OPEN" ? .milliseconds(500) : .milliseconds(20))
        } catch {
            fatalError("\(error)")
        }
    }
}

let reader = Thread {
    while getchar() != EOF {}
    isOver.withLock { $0 = true }
}
reader.start()
await withTaskGroup(of: Void.self) { group in
    for _ in 0..<writers {
        group.addTask {
            while !isOver.withLock({ $0 }) {
                await write(
                    next.withLock { next in
                        next += 1
                        return next
                    }
                )
            }
        }
    }
}
await client.disconnect()
let (found, last) = (tally.withLock { $0 }, next.withLock { $0 })
let failures = JSONValue.object(
    found.failures.sorted { $0.key < $1.key }.map { .init($0.key, .number(String($0.value))) }
)
print("{\"acknowledged\": \(found.acknowledged), \"last\": \(last), \"failures\": \(failures)}")

/// A thread that waits for standard input.
final class Thread: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func start() {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Thread>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            },
            box
        )
        pthread_detach(thread)
    }
}
