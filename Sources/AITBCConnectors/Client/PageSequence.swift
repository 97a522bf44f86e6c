public import ConnectorCore

/// The pages of a list, fetched one after the other as they are asked for.
///
/// Follows `next_page` with `starting_after`, or counts `offset` up where the server names no next page. A page that
/// leads back to one that was seen ends with an ``APIError`` instead of a loop without end.
public struct PageSequence: AsyncSequence, Sendable {
    /// What each step gives.
    public typealias Element = APIResponse

    let client: AITBCClient
    let path: String
    let limit: Int
    let options: RequestOptions

    /// Begins at the first page.
    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

    /// One walk over the pages.
    public struct Iterator: AsyncIteratorProtocol {
        let sequence: PageSequence
        private var position = Position.start
        private var seen: Set<String> = []
        private var count = 0
        /// Of the page before: a server that ignores `offset` sends the first one for ever.
        private var last: JSONValue?

        init(sequence: PageSequence) {
            self.sequence = sequence
        }

        private enum Position {
            case start
            case after(String)
            case offset(Int)
            case end
        }

        /// The next page; nil behind the last one.
        public mutating func next() async throws -> APIResponse? {
            var options = sequence.options
            options.query.append(("limit", String(sequence.limit)))
            switch position {
            case .end: return nil
            case .start: break
            case .after(let cursor): options.query.append(("starting_after", cursor))
            case .offset(let offset): options.query.append(("offset", String(offset)))
            }
            let page = try await sequence.client.request("GET", sequence.path, options: options)
            try advance(behind: page)
            return page
        }

        private mutating func advance(behind page: APIResponse) throws(APIError) {
            let items = page.data.array?.count ?? 0
            count += items
            guard page.hasMore else { return position = .end }
            guard let next = page.nextPage else {
                guard items > 0 else { throw stuck("an empty page says that there is more") }
                guard page.data != last else { throw stuck("two pages are the same; the server ignores offset") }
                last = page.data
                return position = .offset(count)
            }
            guard seen.insert(next).inserted else { throw stuck("page \"\(next)\" leads back to itself") }
            position = .after(next)
        }

        private func stuck(_ what: String) -> APIError {
            APIError(
                ErrorContext(
                    "the list \(sequence.path) does not end: \(what)",
                    code: "PAGING_LOOP",
                    hint: "the server's paging is broken; the pages before are good"
                )
            )
        }
    }
}

extension PageSequence {
    /// The elements of all pages, one by one. Throws an ``APIError`` (`BAD_ANSWER`) where the `data` of a page is no array.
    public var items: AsyncThrowingFlatMapSequence<PageSequence, PageItems> {
        flatMap { [path] page in
            guard let items = page.data.array else {
                let message = "a page of the list \(path) has no array as its data"
                throw APIError(ErrorContext(message, code: "BAD_ANSWER", hint: "read pages, and look into their data"))
            }
            return PageItems(items: items)
        }
    }

    /// The elements of one page.
    public struct PageItems: AsyncSequence, Sendable {
        /// What each step gives.
        public typealias Element = JSONValue

        let items: [JSONValue]

        /// Begins at the first element.
        public func makeAsyncIterator() -> Iterator { Iterator(items: items[...]) }

        /// One walk over the elements.
        public struct Iterator: AsyncIteratorProtocol {
            var items: ArraySlice<JSONValue>

            /// The next element; nil behind the last one.
            public mutating func next() async throws -> JSONValue? { items.popFirst() }
        }
    }
}
