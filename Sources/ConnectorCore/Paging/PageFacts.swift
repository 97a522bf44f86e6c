/// What a page says about the list it is a part of: hypotheses, all of them.
package struct PageFacts: Sendable, Equatable {
    package var count: Int
    /// JSON text of the last record's paging field.
    package var lastField: String?
    /// The record before bears the same.
    package var isLastShared: Bool
    /// Whether another page follows, by `more`, or by `last` turned round; nil where the answer does not say.
    package var more: Bool?
    /// What stood there is no yes or no, such as a URL.
    package var isMoreUnreadable: Bool
    /// Token or URL; nil where absent, null or empty.
    package var next: String?
    /// Records of the whole list, as the source counts them.
    package var total: Int64?
    /// Pages of the whole list.
    package var pages: Int64?
    /// The answer speaks of a next page where `paging` does not look: where it does, such as `links.next`.
    package var unnamedNext: String?

    package init(
        count: Int,
        lastField: String? = nil,
        isLastShared: Bool = false,
        more: Bool? = nil,
        isMoreUnreadable: Bool = false,
        next: String? = nil,
        total: Int64? = nil,
        pages: Int64? = nil
    ) {
        self.count = count
        self.lastField = lastField
        self.isLastShared = isLastShared
        self.more = more
        self.isMoreUnreadable = isMoreUnreadable
        self.next = next
        self.total = total
        self.pages = pages
    }
}
