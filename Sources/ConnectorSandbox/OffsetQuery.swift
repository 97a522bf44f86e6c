import ConnectorCore
import HTTPListener

/// Three dialects over the same walk: `limit` and `offset` with `X-Total-Count`, `page` and `per_page` with `Link`,
/// and `page_token` with `next_page_token`. All take `modified_since` and `order` (`id`, `-id`, `modified`, `-modified`).
enum OffsetQuery {
    static let defaultSize = 20
    /// More is capped in silence.
    static let maximumSize = 100

    static func answer(
        _ dialect: String,
        _ request: ListenerRequest,
        _ collection: RecordCollection,
        _ context: inout PageContext
    ) -> ListenerResponse {
        let sizeName = dialect == "paged" ? "per_page" : "limit"
        let size = min(Self.maximumSize, max(1, number(request, sizeName) ?? defaultSize))
        let pageNumber = max(1, number(request, "page") ?? 1)
        let offset =
            switch dialect {
            case "paged": (pageNumber - 1) * size
            case "token": request.query("page_token").flatMap { token(of: $0) } ?? 0
            default: max(0, number(request, "offset") ?? 0)
            }
        guard let ranks = ranks(request, collection, context) else {
            return ERPAPI.problem(400, "BadRequest", "modified_since or order is not understood.")
        }
        let page = context.shape(
            ranks.dropFirst(offset).prefix(size).compactMap { collection.record(rank: $0) },
            of: collection.name,
            path: request.path
        )
        switch dialect {
        case "paged": return paged(page, request, pageNumber, size, ranks.count, context)
        case "token": return tokenPage(page, offset + size < ranks.count ? offset + size : nil, context)
        default: return .json(200, context.array(page), headers: ["X-Total-Count": String(ranks.count)])
        }
    }

    private static func number(_ request: ListenerRequest, _ name: String) -> Int? {
        request.query(name).flatMap { Int($0) }
    }

    private static func ranks(
        _ request: ListenerRequest,
        _ collection: RecordCollection,
        _ context: PageContext
    ) -> [Int]? {
        var since: Instant?
        if let text = request.query("modified_since") {
            guard let time = Timestamp.parse(text) else { return nil }
            since = context.unskewed(time)
        }
        let byTime = collection.byTime[collection.range(from: since, to: nil)].map(\.rank)
        switch request.query("order") ?? "id" {
        case "modified": return byTime
        case "-modified": return byTime.reversed()
        case "id": return since == nil ? collection.byRank : byTime.sorted()
        case "-id": return since == nil ? collection.byRank.reversed() : byTime.sorted().reversed()
        default: return nil
        }
    }

    private static func paged(
        _ page: [Record],
        _ request: ListenerRequest,
        _ number: Int,
        _ size: Int,
        _ total: Int,
        _ context: PageContext
    ) -> ListenerResponse {
        let last = max(1, (total + size - 1) / size)
        func link(_ page: Int, _ relation: String) -> String {
            let kept = request.query.filter { $0.name != "page" }.map {
                "\($0.name)=\(PercentEncoding.encoded($0.value))"
            }
            let query = (kept + ["page=\(page)"]).joined(separator: "&")
            return "<\(context.origin)\(request.path)?\(query)>; rel=\"\(relation)\""
        }
        var links = [link(1, "first"), link(last, "last")]
        if number > 1 { links.append(link(number - 1, "prev")) }
        if number < last { links.append(link(number + 1, "next")) }
        let headers: TransportHeaders = ["Link": links.joined(separator: ", "), "X-Total-Pages": String(last)]
        var output = Array("{\"data\":".utf8) + context.array(page)
        output += ",\"page\":\(number),\"per_page\":\(size),\"total\":\(total),\"total_pages\":\(last)}".utf8
        return .json(200, output, headers: headers)
    }

    private static func tokenPage(_ page: [Record], _ next: Int?, _ context: PageContext) -> ListenerResponse {
        var output = Array("{\"items\":".utf8) + context.array(page)
        if let next { output += ",\"next_page_token\":\"t-\(String(next, radix: 36))\"".utf8 }
        output.append(UInt8(ascii: "}"))
        return .json(200, output)
    }

    private static func token(of text: String) -> Int? {
        text.hasPrefix("t-") ? Int(text.dropFirst(2), radix: 36) : nil
    }
}
