/// Why a list can't be read further.
package enum WalkError: Error, Sendable, Equatable {
    /// The answer names a page that is on another origin: credentials would leave the configured host.
    case foreignLink(String)
    /// The next position is the one just read.
    case positionStandsStill
    /// Every record of the page was already seen in this walk: the server began again.
    case startedOver
    /// More records are promised, but the page has none to go on from.
    case emptyPageWithMore
    /// The record lacks the field that paging needs.
    case missingField(String)
    /// More records are promised, and nothing says how to get them.
    case moreWithoutNext
    /// A list without `paging` has a next page.
    case undeclaredPages
    /// What should say whether there is more is no yes or no.
    case unreadableMore

    package var explanation: String {
        switch self {
        case .foreignLink(let origin): "the next page is on another host (\(origin)), and credentials stay here"
        case .positionStandsStill: "the answer's next position is the one just read"
        case .startedOver: "the server began the list again in the middle of it"
        case .emptyPageWithMore: "the answer promises more records but has none to go on from"
        case .missingField(let name): "the last record has no \"\(name)\", which paging needs"
        case .moreWithoutNext: "the answer promises more records but does not say how to get them"
        case .undeclaredPages: "the answer's Link header names a next page, and the stream has no `paging`"
        case .unreadableMore: "what should say whether more follows is no yes or no"
        }
    }

    /// What to correct.
    package var hint: String {
        switch self {
        case .moreWithoutNext:
            "correct `paging.next`, or `paging.style`; the cursor stays where it was"
        case .undeclaredPages:
            "write `paging: { style: \"link_header\" }` into the definition; the cursor stays where it was"
        case .unreadableMore:
            "`paging.more` (or `last`) wants true, false, 0 or 1; where it leads to a URL or a token, that is `paging.next`"
        case .foreignLink, .positionStandsStill, .startedOver, .emptyPageWithMore, .missingField:
            "correct `paging` in the definition; the cursor stays where it was"
        }
    }
}
