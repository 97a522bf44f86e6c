/// How an API hands out a long list, one page at a time. Data of a definition.
package struct PagingRule: Sendable, Equatable {
    package enum Style: String, Sendable, CaseIterable {
        /// The whole list in one answer.
        case none
        /// Numbered pages.
        case page
        /// A number of records to skip.
        case offset
        /// Keyset: the records after the last one of the page before.
        case afterLast = "after_last"
        /// A token from the answer, sent back in a parameter or in the body.
        case token
        /// The next page's URL in the body.
        case link
        /// The next page's URL in the `Link` header (RFC 8288).
        case linkHeader = "link_header"
    }

    /// What goes on with a page that holds fewer records than were asked for.
    package enum ShortPage: String, Sendable, CaseIterable {
        /// Ask on until a page is empty: some servers cap the page size in silence.
        case `continue`
        /// It is the last one: this server is known to fill its pages.
        case end
    }

    /// Where the next page of an ascending walk is looked for.
    package enum Anchor: String, Sendable, CaseIterable {
        /// From the cursor value reached, with the lower filter: nothing shifts when records change underneath.
        case cursor
        /// Where the server says: its position is a keyset of its own.
        case server
    }

    /// One of several links in an array, such as `{"rel": "next", "href": …}`.
    package struct LinkChoice: Sendable, Equatable {
        package var field: [String]
        package var equals: String
        /// Where the URL or token is in it.
        package var value: [String]

        package init(field: [String], equals: String, value: [String]) {
            (self.field, self.equals, self.value) = (field, equals, value)
        }

        /// Nil where none of them is the one.
        func value(in links: JSONValue) -> JSONValue? {
            links.array?.lazy.filter { link in
                let name = FieldPath.value(at: field, in: link)
                return (name?.array ?? [name ?? .null]).contains { $0.string?.equalsIgnoringASCIICase(equals) ?? false }
            }
            .compactMap { FieldPath.value(at: value, in: $0) }.first { !$0.isNull }
        }
    }

    package var style: Style
    /// The query parameter that carries the position (page number, offset, key, token).
    package var parameter: String?
    /// The number of the first page, or of the first record where an offset is counted; 0 or 1.
    package var first: Int64
    package var sizeParameter: String?
    package var size: Int64?
    /// `after_last`: the field whose value of the last record goes into the parameter.
    package var field: [String]?
    /// A boolean in the answer: whether there is another page.
    package var more: [String]?
    /// A boolean in the answer: whether this page is the last one.
    package var last: [String]?
    /// Numbers in the answer: records, and pages, of the whole list.
    package var total: [String]?
    package var pages: [String]?
    /// Statuses with which this server answers a page beyond the last, besides 404 and 416.
    package var pastEnd: [Int] = []
    /// `token`, `link`: where the answer says how to go on.
    package var next: [String]?
    /// Where `next` leads to a list of links: which of them it is.
    package var nextChoice: LinkChoice?
    package var shortPage: ShortPage
    package var anchor: Anchor
    /// A filter for APIs that take their position in the body: takes the place of `"${position}"` from page 2 on.
    package var body: JSONTemplate?

    package init(
        style: Style = .none,
        parameter: String? = nil,
        first: Int64? = nil,
        sizeParameter: String? = nil,
        size: Int64? = nil,
        field: [String]? = nil,
        more: [String]? = nil,
        next: [String]? = nil,
        shortPage: ShortPage = .continue,
        anchor: Anchor = .server,
        body: JSONTemplate? = nil
    ) {
        self.style = style
        self.parameter = parameter
        self.first = first ?? (style == .offset ? 0 : 1)
        self.sizeParameter = sizeParameter
        self.size = size
        self.field = field
        self.more = more
        self.next = next
        self.shortPage = shortPage
        self.anchor = anchor
        self.body = body
    }

    /// Whether records that appear, vanish or move while the list is read may shift the pages that follow. A token or
    /// a link is as often a number in disguise as it is a place behind a record.
    package var mayShift: Bool {
        switch style {
        case .none, .afterLast: false
        case .page, .offset, .token, .link, .linkHeader: true
        }
    }

    /// Whether pages have numbers, so that one beyond the last can be asked for, and is answered in many ways.
    package var countsPages: Bool { style == .page || style == .offset }

    /// Whether the next page's place is ours to make, from a count or from the last record; others the server names.
    package var makesPositions: Bool { countsPages || style == .afterLast }
}
