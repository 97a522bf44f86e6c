// One round of requests through AITBCClient, as a user of the SDK makes them; deploy/lib/client_bench.py runs it.
// usage: client-bench BASE_URL KEY REQUESTS IN_FLIGHT      prints one line of JSON
import AITBCConnectors
import Glibc

/// The same work as deploy/lib/client_bench.py gives aiohttp: every second request writes a record.
let body: JSONValue = [
    "type": "order", "number": "A-1001", "currency": "chf", "amount": 129_900, "customer": "cus_0001",
    "lines": [["sku": "W-1", "quantity": 3, "price": 43_300]],
]

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(0, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

func peakKilobytes() -> Int {
    var usage = rusage()
    getrusage(0, &usage)
    return usage.ru_maxrss
}

/// What is resident now; the second figure of /proc/self/statm, in pages.
func residentKilobytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) / 1024 : 0
}

@Sendable func one(_ client: AITBCClient, _ number: Int) async throws {
    if number.isMultiple(of: 2) {
        _ = try await client.get("health")
    } else {
        let answer = try await client.post("records", body: body)
        guard answer.data["accepted"]?.int64 == 1 else { fatalError("the record was not accepted: \(answer.data)") }
    }
}

/// Workers that each send one request after the other; returns every latency in seconds.
func round(_ client: AITBCClient, requests: Int, workers: Int) async throws -> [Double] {
    try await withThrowingTaskGroup(of: [Double].self) { group in
        for worker in 0..<workers {
            group.addTask {
                var latencies: [Double] = []
                for number in stride(from: worker, to: requests, by: workers) {
                    let began = ContinuousClock.now
                    try await one(client, number)
                    let span = (ContinuousClock.now - began).components
                    latencies.append(Double(span.seconds) + Double(span.attoseconds) / 1e18)
                }
                return latencies
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }
    }
}

let words = CommandLine.arguments
guard words.count == 5, let requests = Int(words[3]), let workers = Int(words[4]) else {
    print("usage: client-bench BASE_URL KEY REQUESTS IN_FLIGHT")
    exit(64)
}
let client = try AITBCClient(
    config: ConnectorConfig(baseURL: words[1], apiKey: Secret(words[2]), maxConnections: 4 * workers)
)
try await client.connect()
_ = try await round(client, requests: requests / 10, workers: workers)
// What grows from here on grows with requests, not with the first ones of a connection.
_ = try await round(client, requests: requests / 2, workers: workers)
let resident = residentKilobytes()
_ = try await round(client, requests: requests / 2, workers: workers)
let grown = residentKilobytes() - resident
let (cpu, began) = (cpuSeconds(), ContinuousClock.now)
let latencies = try await round(client, requests: requests, workers: workers).sorted()
let span = (ContinuousClock.now - began).components
let seconds = Double(span.seconds) + Double(span.attoseconds) / 1e18
let used = cpuSeconds() - cpu
await client.disconnect()
func percentile(_ share: Double) -> Double { latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))] }
print(
    """
    {"requests": \(latencies.count), "seconds": \(seconds), "cpu": \(used), \
    "mean": \(latencies.reduce(0, +) / Double(latencies.count)), "max": \(latencies.last ?? 0), "p50": \(percentile(0.5)), \
    "p95": \(percentile(0.95)), "p99": \(percentile(0.99)), "peak_kb": \(peakKilobytes()), "grown_kb": \(grown)}
    """
)
