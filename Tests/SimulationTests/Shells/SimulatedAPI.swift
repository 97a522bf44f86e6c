import ConnectorCore

/// The server's side of a list, in JSON: computed anew for every request, as servers do.
struct SimulatedAPI {
    static let path = "/api/list"
    static let feedPath = "/api/events"

    let manners: Manners
    let isFeed: Bool
    let format: CursorFormat
    let granularity: Int64

    /// What was asked for.
    struct Request {
        let path: String
        var query: [String: String] = [:]

        init(_ url: String) {
            path = String(url.dropFirst(ShellScenario.base.origin.count).prefix { $0 != "?" })
            let text = url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            for pair in text.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                query[String(parts[0])] = parts.count > 1 ? parts[1].removingPercents : ""
            }
        }

        /// Names no position.
        var isFirst: Bool {
            let positions: Set = ["page", "offset", "after", "mark"]
            return query.allSatisfy { !positions.contains($0.key) || $0.value == "0" } || query["page"] == "1"
        }

        func number(_ name: String) -> Int? { query[name].flatMap { Int($0) } }
    }

    /// A page, before it is text.
    struct Answer {
        var status = 200
        var entries: [ListEntry] = []
        var start = 0
        var total = 0
        var next: String?
        var hasMore = false
        var isFirst = true
        var body: String?

        static let lostPosition = Answer(
            status: 400,
            body: "{\"code\":\"position_lost\",\"message\":\"unknown position\"}"
        )
    }

    /// `shown`: records that the list has at most; nil for all.
    func answer(
        _ request: Request,
        _ source: SimulatedSource,
        showing shown: Int? = nil,
        _ chance: inout Chance
    ) -> Answer {
        let list = Array(list(request, source).prefix(isFeed ? .max : shown ?? .max))
        guard let start = start(request, list) else {
            return .lostPosition
        }
        let size = size(request, &chance)
        if start >= list.count, start > 0, manners.style != .none { return pastEnd(list, size) }
        return page(list, from: start, size, request)
    }

    private func page(_ list: [ListEntry], from start: Int, _ size: Int, _ request: Request) -> Answer {
        let end = manners.style == .none ? list.count : min(start + size, list.count)
        var answer = Answer(start: start, total: list.count)
        answer.entries = start < end ? Array(list[start..<end]) : []
        answer.hasMore = end < list.count
        answer.isFirst = start == 0
        let promises = answer.hasMore || (manners.promisesTooMuch && !answer.entries.isEmpty)
        if promises {
            answer.next = mark(after: end, in: list)
            // What is passed over without a record is progress, too.
            if answer.entries.isEmpty { answer.next? += ".\(passed(request) + 1)" }
        }
        return answer
    }

    /// Empty pages in a row that led to this one.
    private func passed(_ request: Request) -> Int {
        let parts = (request.query["mark"] ?? "").split(separator: ".")
        let place = parts.first == "c" ? 2 : 4
        return parts.count > place ? Int(parts[place]) ?? 0 : 0
    }

    private func size(_ request: Request, _ chance: inout Chance) -> Int {
        let asked = request.number("limit") ?? manners.pageSize
        let size = manners.ignoresSize ? manners.pageSize : min(asked, manners.pageSize)
        guard manners.sizesVary else { return max(size, 1) }
        let mayBeEmpty = manners.style == .token || manners.style == .link || manners.style == .linkHeader
        return chance.number(mayBeEmpty ? 0...size : 1...max(size, 1))
    }

    private func pastEnd(_ list: [ListEntry], _ size: Int) -> Answer {
        var answer = Answer(start: list.count, total: list.count, isFirst: false)
        switch manners.end {
        case .emptyArray: break
        case .emptyObject: answer.body = "{}"
        case .null: answer.body = "null"
        case .nullRecords: answer.body = manners.isBare ? "null" : "{\"data\":null}"
        case .noContent: (answer.status, answer.body) = (204, "")
        case .notFound: (answer.status, answer.body) = (404, "{\"message\":\"no such page\"}")
        case .rangeRefused: (answer.status, answer.body) = (416, "")
        case .badRequest: (answer.status, answer.body) = (400, "{\"message\":\"page out of range\"}")
        case .lastPage: answer.entries = Array(list[max(0, (list.count - 1) / max(size, 1) * max(size, 1))...])
        case .firstPage: answer.entries = Array(list.prefix(max(size, 1)))
        }
        return answer
    }

    // MARK: The list

    /// What the filters leave, in the order in which the list is served.
    private func list(_ request: Request, _ source: SimulatedSource) -> [ListEntry] {
        var entries =
            isFeed
            ? source.events.map { ListEntry(id: $0.number, stamp: $0.stamp, record: $0.record, event: $0) }
            : source.records.values.map { ListEntry(id: $0.id, stamp: $0.stamp, record: $0) }
        if let lower = bound(request.query["from"]), !manners.ignoresLower { entries.removeAll { $0.stamp < lower } }
        if let upper = bound(request.query["until"]) { entries.removeAll { $0.stamp >= upper } }
        if manners.hasTwins { entries += entries.filter { $0.id % 3 == 0 }.map(\.twin) }
        return entries.sorted { left, right in
            let (one, other) = (manners.place(left), manners.place(right))
            return one == other ? left.record.content < right.record.content : one < other
        }
    }

    private func bound(_ text: String?) -> Int64? {
        guard let text else { return nil }
        let value = format.value(of: format == .iso8601 ? Array("\"\(text)\"".utf8) : Array(text.utf8))
        return value.map { $0.flooredQuotient(by: granularity) * granularity }
    }

    // MARK: Positions

    /// Nil where the server does not know the position any more.
    private func start(_ request: Request, _ list: [ListEntry]) -> Int? {
        guard !manners.ignoresPosition else { return 0 }
        switch manners.style {
        case .none: return 0
        case .page:
            let number = request.number("page") ?? Int(manners.first)
            let size = manners.ignoresSize ? manners.pageSize : min(request.number("limit") ?? 99, manners.pageSize)
            return max(0, number - Int(manners.first)) * size
        case .offset: return max(0, (request.number("offset") ?? Int(manners.first)) - Int(manners.first))
        case .afterLast: return request.number("after").map { start(afterID: $0, in: list) } ?? 0
        case .token, .link, .linkHeader: return request.query["mark"].map { start(atMark: $0, in: list) } ?? 0
        }
    }

    private func start(afterID id: Int, in list: [ListEntry]) -> Int? {
        if let index = list.lastIndex(where: { $0.id == id }) { return index + 1 }
        switch manners.lostAnchor {
        case .error: return nil
        case .startsOver: return 0
        case .keepsPlace:
            guard manners.order == .idAscending else { return nil }
            return list.firstIndex { $0.id > id } ?? list.count
        }
    }

    private func mark(after end: Int, in list: [ListEntry]) -> String {
        guard !manners.countsPositions, end > 0 else { return "c.\(end)" }
        let last = list[end - 1]
        let place = manners.place(last)
        return "k.\(place.0).\(place.1).\(last.record.content)"
    }

    private func start(atMark mark: String, in list: [ListEntry]) -> Int? {
        let parts = mark.split(separator: ".")
        if parts.first == "c" { return Int(parts[1]) }
        guard parts.count >= 4, let one = Int64(parts[1]), let two = Int(parts[2]), let content = Int(parts[3]) else {
            return nil
        }
        return list.firstIndex { entry in
            let place = manners.place(entry)
            return place == (one, two) ? manners.hasTwins && entry.record.content > content : place > (one, two)
        } ?? list.count
    }
}

extension ListEntry {
    /// Another content under the same id.
    var twin: ListEntry {
        var twin = self
        twin.record.content += 1_000_000
        return twin
    }
}

extension Substring {
    /// Without percent-encoding.
    fileprivate var removingPercents: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = byte == UInt8(ascii: "%") ? String(rest.prefix(2)) : nil
            guard let digits, let decoded = UInt8(digits, radix: 16) else {
                bytes.append(byte)
                continue
            }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
