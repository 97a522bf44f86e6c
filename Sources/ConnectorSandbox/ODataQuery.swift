import ConnectorCore
import HTTPListener

/// OData v4 reads: `$filter` on `modified` (`ge gt le lt eq`, joined by `and`), `$orderby` (`modified,id` or `id`),
/// `$top`, `$skip`, `$skiptoken`, `$count`, `$deltatoken`; pages are driven by the server.
struct ODataQuery {
    private var lower: Instant?
    private var upper: Instant?

    static func answer(
        _ request: ListenerRequest,
        _ collection: RecordCollection,
        _ arguments: SandboxArguments,
        _ context: inout PageContext
    ) -> ListenerResponse {
        if let token = request.query("$deltatoken") { return delta(token, request, collection, &context) }
        guard let query = ODataQuery(filter: request.query("$filter"), context) else {
            return ERPAPI.problem(400, "BadRequest", "The $filter is not understood.")
        }
        let top = request.query("$top").flatMap { Int($0) } ?? .max
        let skip = max(0, request.query("$skip").flatMap { Int($0) } ?? 0)
        let wanted = request.headers["Prefer"].flatMap { preferred($0) } ?? arguments.erpPageSize
        let size = min(wanted, max(0, top), arguments.erpPageSize)
        let isByTime = request.query("$orderby")?.hasPrefix("modified") == true
        let ranks = query.ranks(collection, byTime: isByTime)
        let anchored = ranks.dropFirst(skip + query.passed(request.query("$skiptoken"), ranks, collection, isByTime))
        let page = context.shape(
            anchored.prefix(size).compactMap { collection.record(rank: $0) },
            of: collection.name,
            path: request.path
        )
        var output = Array("{\"@odata.context\":\"\(context.origin)/odata/$metadata#\(collection.name)\"".utf8)
        if request.query("$count") == "true" { output += ",\"@odata.count\":\(ranks.count)".utf8 }
        output += ",\"value\":".utf8 + context.array(page)
        let hasMore = anchored.count > size && top > size
        if hasMore, let last = anchored.prefix(size).last {
            let position =
                arguments.keysetLinks
                ? ("$skiptoken", query.token(last, collection)) : ("$skip", String(skip + size))
            output +=
                ",\"@odata.nextLink\":\"\(link(request, context, position, top: top == .max ? nil : top - size))\"".utf8
        } else if request.headers["Prefer"]?.contains("track-changes") == true {
            let link = "\(context.origin)\(request.path)?$deltatoken=\(context.now.nanoseconds)"
            output += ",\"@odata.deltaLink\":\"\(link)\"".utf8
        }
        output.append(UInt8(ascii: "}"))
        return .json(200, output, headers: ["OData-Version": "4.0"])
    }

    init?(filter: String?, _ context: PageContext) {
        guard let filter else { return }
        for clause in filter.split(separator: " and ") {
            let words = clause.split(separator: " ").map { $0.trimmingParentheses }
            guard words.count == 3, words[0] == "modified", let named = Timestamp.parse(words[2]) else { return nil }
            let time = context.unskewed(named)
            switch words[1] {
            case "ge": lower = time
            case "gt": lower = time + .nanoseconds(1)
            case "lt": upper = time
            case "le": upper = time + .nanoseconds(1)
            case "eq": (lower, upper) = (time, time + .nanoseconds(1))
            default: return nil
            }
        }
    }

    private func ranks(_ collection: RecordCollection, byTime: Bool) -> [Int] {
        let range = collection.range(from: lower, to: upper)
        let ranks = collection.byTime[range].map(\.rank)
        if byTime { return ranks }
        return lower == nil && upper == nil ? collection.byRank : ranks.sorted()
    }

    /// A keyset token: time and rank of the last record served.
    private func token(_ rank: Int, _ collection: RecordCollection) -> String {
        "\(collection.record(rank: rank)?.time.nanoseconds ?? 0)_\(rank)"
    }

    /// How many of the ranks lie up to and including the token's record.
    private func passed(_ token: String?, _ ranks: [Int], _ collection: RecordCollection, _ byTime: Bool) -> Int {
        let parts = token?.split(separator: "_").compactMap { Int64($0) } ?? []
        guard parts.count == 2 else { return 0 }
        return RecordCollection.firstIndex(in: ranks) { rank in
            let time = byTime ? collection.record(rank: rank)?.time.nanoseconds ?? 0 : parts[0]
            return (time, Int64(rank)) > (parts[0], parts[1])
        }
    }

    private static func preferred(_ header: String) -> Int? {
        header.split(separator: "odata.maxpagesize=").last.flatMap { Int($0.prefix { $0.isNumber }) }
    }

    private static func link(
        _ request: ListenerRequest,
        _ context: PageContext,
        _ position: (String, String),
        top: Int?
    ) -> String {
        var pairs = request.query.filter { !["$skip", "$skiptoken", "$top"].contains($0.name) }.map {
            "\($0.name)=\(PercentEncoding.encoded($0.value))"
        }
        if let top { pairs.append("$top=\(top)") }
        pairs.append("\(position.0)=\(position.1)")
        return "\(context.origin)\(request.path)?\(pairs.joined(separator: "&"))"
    }

    /// What changed and what went since the token; 410 for one that is not ours or has expired.
    private static func delta(
        _ token: String,
        _ request: ListenerRequest,
        _ collection: RecordCollection,
        _ context: inout PageContext
    ) -> ListenerResponse {
        guard let nanoseconds = Int64(token), !context.expiresDelta else {
            return ERPAPI.problem(410, "DeltaExpired", "The delta token has expired; read everything again.")
        }
        let since = Instant(nanoseconds: nanoseconds)
        let keys = collection.byTime[collection.range(from: since, to: nil)]
        var values = keys.compactMap { collection.record(rank: $0.rank) }.map { context.bytes($0) }
        for gone in collection.deleted where gone.at >= since {
            let removed: SandboxJSON = ["@removed": ["reason": "deleted"], "id": .string(gone.id)]
            values.append(removed.bytes)
        }
        var output = Array(
            "{\"@odata.context\":\"\(context.origin)/odata/$metadata#\(collection.name)/$delta\",\"value\":[".utf8
        )
        output += values.joined(separator: [UInt8(ascii: ",")])
        output +=
            "],\"@odata.deltaLink\":\"\(context.origin)\(request.path)?$deltatoken=\(context.now.nanoseconds)\"}".utf8
        return .json(200, output)
    }
}

/// Encoding of query values.
enum PercentEncoding {
    static func encoded(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            let isPlain = Unicode.Scalar(byte).properties.isAlphabetic && byte < 0x80
            let isKept = isPlain || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte)
            output +=
                isKept
                ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return output
    }
}

extension Substring {
    fileprivate var trimmingParentheses: String {
        String(self.drop { $0 == "(" }.reversed().drop { $0 == ")" }.reversed())
    }
}
