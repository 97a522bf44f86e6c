import ConnectorCore

/// What was served, and when: a test proves from it that limits were kept.
struct ServedLog: Sendable {
    /// The oldest go beyond this.
    static let maximumEntries = 100_000
    /// Further paths are counted together.
    static let maximumPaths = 2_000

    struct Entry: Sendable {
        var at: MonotonicInstant
        var method: String
        var target: String
        var status: Int
    }

    private struct Route: Hashable {
        var path: String
        var status: Int
    }

    private var entries: [Entry] = []
    private var oldest = 0
    private var counts: [Route: Int] = [:]
    private(set) var total = 0

    mutating func note(_ entry: Entry, path: String) {
        total += 1
        let route = Route(path: path, status: entry.status)
        let known = counts[route] != nil || counts.count < Self.maximumPaths
        counts[known ? route : Route(path: "(other)", status: entry.status), default: 0] += 1
        if entries.count < Self.maximumEntries {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.maximumEntries
        }
    }

    func json(countsOnly: Bool) -> SandboxJSON {
        let counts = counts.sorted { ($0.key.path, $0.key.status) < ($1.key.path, $1.key.status) }.map {
            ["path": .string($0.key.path), "status": .int($0.key.status), "count": .int($0.value)] as SandboxJSON
        }
        var json: SandboxJSON = ["total": .int(total), "counts": .array(counts)]
        if !countsOnly {
            let inOrder = entries[oldest...] + entries[..<oldest]
            json["requests"] = .array(
                inOrder.map {
                    [
                        "ns": .int($0.at.nanoseconds), "method": .string($0.method), "target": .string($0.target),
                        "status": .int($0.status),
                    ]
                }
            )
        }
        return json
    }
}
