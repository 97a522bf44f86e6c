import ConnectorCore

/// A server with one list of numbered records that does not keep to what is said of it.
struct LyingList: Sendable, CustomStringConvertible {
    /// What is answered to a position behind the last record.
    enum End: Sendable, CaseIterable {
        case emptyArray
        case emptyObject
        case null
        case nullRecords
        case noContent
        case notFound
        case rangeRefused
        case lastPage
        case firstPage
    }

    /// How the next page's URL is written.
    enum Link: Sendable, CaseIterable {
        case absolute
        case rootRelative
        case pathRelative
        case queryOnly
        /// Of another server.
        case foreign
        /// Of the page before.
        case backwards
    }

    /// What comes instead of the second page.
    enum Fault: Sendable {
        case once(Int)
        case always(Int)
        case emptyOnce
        /// The first page, whatever is asked for.
        case firstPage
    }

    var style = PagingRule.Style.page
    /// Of the list, and of each page.
    var count = 6
    var pageSize = 2
    var end = End.emptyArray
    var link = Link.absolute
    var fault: Fault?
    /// What each page says of the list.
    var total: Int?
    var more: Bool?
    /// Of the definition, where it differs from what the server does.
    var declaredSize: Int?
    var shortPage = PagingRule.ShortPage.continue

    var description: String {
        let said = "\(total.map { " of \($0)" } ?? "")\(more.map { " more: \($0)" } ?? "")"
        let disturbed = fault.map { " \($0)" } ?? ""
        return "\(style) \(count)/\(pageSize)\(said) \(style == .link ? "\(link)" : "\(end)")\(disturbed)"
    }

    static let stream = StreamID(connector: "shop", stream: "things")

    var definition: StreamDefinition {
        var stream = StreamDefinition(id: Self.stream, path: Template(literal: "/v1/s"), records: ["data"])
        stream.paging = PagingRule(style: style, size: Int64(declaredSize ?? pageSize), shortPage: shortPage)
        switch style {
        case .page: stream.paging.parameter = "page"
        case .offset: stream.paging.parameter = "offset"
        case .link: stream.paging.next = ["next"]
        case .none, .afterLast, .token, .linkHeader: break
        }
        if total != nil { stream.paging.total = ["total"] }
        if more != nil { stream.paging.more = ["more"] }
        return stream
    }

    // MARK: Answers

    /// `number` counts the requests for the second page.
    func answer(_ request: TransportRequest, number: Int) -> TransportResponse {
        let offset = offset(of: request)
        guard offset >= 0 else { return .json("{}", status: 404) }
        if offset == pageSize, let answer = disturbed(number) { return answer }
        guard offset >= count else { return page(at: offset) }
        switch end {
        case .emptyArray: return .json("{\"data\":[]}")
        case .emptyObject: return .json("{}")
        case .null: return .json("null")
        case .nullRecords: return .json("{\"data\":null}")
        case .noContent: return TransportResponse(status: 204)
        case .notFound: return .json("{}", status: 404)
        case .rangeRefused: return .json("{}", status: 416)
        case .lastPage: return page(at: (count - 1) / pageSize * pageSize)
        case .firstPage: return page(at: 0)
        }
    }

    func offset(of request: TransportRequest) -> Int {
        let query = request.url.split(separator: "?").dropFirst().first ?? ""
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=").map(String.init)
            guard parts.count == 2, let value = Int(parts[1]) else { continue }
            switch parts[0] {
            case "page": return (value - 1) * pageSize
            case "offset", "skip": return value
            default: continue
            }
        }
        return 0
    }

    private func disturbed(_ number: Int) -> TransportResponse? {
        switch fault {
        case .once(let status): number == 1 ? .json("{}", status: status) : nil
        case .always(let status): .json("{}", status: status)
        case .emptyOnce: number == 1 ? .json("{\"data\":[]}") : nil
        case .firstPage: page(at: 0)
        case nil: nil
        }
    }

    private func page(at offset: Int) -> TransportResponse {
        let ids = Array((1...count).dropFirst(offset).prefix(pageSize))
        var members = ["\"data\":[\(ids.map { "{\"id\":\($0)}" }.joined(separator: ","))]"]
        if let total { members.append("\"total\":\(total)") }
        if let more { members.append("\"more\":\(more)") }
        if style == .link, offset + pageSize < count { members.append("\"next\":\"\(next(behind: offset))\"") }
        return .json("{\(members.joined(separator: ","))}")
    }

    private func next(behind offset: Int) -> String {
        let query = "?skip=\(offset + pageSize)"
        return switch link {
        case .absolute: "https://a.example/v1/s\(query)"
        case .rootRelative: "/v1/s\(query)"
        case .pathRelative: "s\(query)"
        case .queryOnly: query
        case .foreign: "https://elsewhere.example/v1/s\(query)"
        case .backwards: offset < 2 * pageSize ? query : "?skip=\(pageSize)"
        }
    }
}
