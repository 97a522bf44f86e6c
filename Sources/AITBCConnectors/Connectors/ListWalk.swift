import ConnectorCore

/// Reads a list from its first page to its last, once: what a program asks for. The daemon's own syncs also keep
/// cursors and survive crashes; this does not.
struct ListWalk {
    /// Far beyond any list that is read in one go; a server whose pages never end is stopped here.
    private static let mostPages = 1_000_000

    private let connector: ConnectorDefinition
    private let stream: StreamDefinition
    private let session: APISession

    /// `filters` are sent as parameters besides the definition's own.
    init(_ connector: ConnectorDefinition, _ stream: StreamDefinition, _ filters: JSONValue, _ session: APISession) {
        self.connector = connector
        self.session = session
        var filtered = stream
        for member in filters.members ?? [] {
            let text = member.value.string ?? member.value.text
            filtered.query.removeAll { $0.name == member.name }
            filtered.query.append(QueryTemplate(member.name, Template(literal: text)))
        }
        self.stream = filtered
    }

    func run(since: Instant?, _ take: @Sendable (JSONValue) async throws -> Void) async throws -> Int {
        let reader = PageReader(stream, memory: .ties, errors: connector.errors)
        let isTime = stream.cursor?.format.isTime ?? false
        let lower = isTime ? since.map { $0.nanoseconds.addingSaturated(-(stream.cursor?.lookback ?? 0)) } : nil
        var position: PagePosition? = .first
        var (count, pages) = (0, 0)
        var guardian = CycleGuard()
        while let current = position {
            let request = RequestBuilder(connector, stream).request(for: PageRequest(position: current, lower: lower))
            let response = try await session.caller(connector.family).call(request, isIdempotent: true)
            let page = try slice(response, reader.plan, request)
            if reader.isError(page) { throw session.failure(inBodyOf: response, request) }
            for index in 0..<page.recordCount {
                try await take(try JSONValue(parsing: Array(page.bytes[page.recordBytes(index)])))
            }
            count += page.recordCount
            pages += 1
            let keys = (0..<page.recordCount).map { ContentHash.hash(page.bytes, page.recordBytes($0)) }
            guard !guardian.hasSeen(keys), pages < Self.mostPages else { throw stuck(.startedOver) }
            let facts = reader.facts(
                page,
                link: LinkHeader.target(response.headers, relation: "next"),
                url: URLReference(response.url ?? request.url)
            )
            do throws(WalkError) {
                position = try stream.paging.step(after: current, facts, base: connector.baseURL).next
            } catch {
                throw stuck(error)
            }
        }
        return count
    }

    private func slice(_ response: HTTPResponse, _ plan: SlicePlan, _ request: HTTPRequest) throws -> Page {
        do throws(SliceError) {
            return try RecordSlicer.slice(response.body, plan: plan)
        } catch {
            let reason = session.repeatsSecret(response) ? "it is not what was expected" : "\(error)"
            throw SyncError(
                ErrorContext(
                    "\(stream.id.stream): the answer can't be read: \(reason)",
                    code: "BAD_ANSWER",
                    statusCode: response.status,
                    request: "\(request.method) \(URLReference(request.url)?.target.prefix { $0 != "?" } ?? "")",
                    underlying: error,
                    hint: "the definition does not fit this API, or a proxy answered"
                )
            )
        }
    }

    private func stuck(_ error: WalkError) -> SyncError {
        SyncError(
            ErrorContext(
                "\(stream.id.stream) can't be read to its end: \(error.explanation)",
                code: "PAGING_LOOP",
                hint: "the server's paging is broken, or the definition's"
            )
        )
    }
}
