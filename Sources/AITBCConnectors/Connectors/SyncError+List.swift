import ConnectorCore

/// Why a list could not be read whole, in the words of a program that asked for it: it has no cursor that stays, no next
/// run, and perhaps never saw the text that its connector was made of.
extension SyncError {
    init(reading list: String, _ failure: SyncFailure) {
        self.init(
            ErrorContext(
                "\(list) can't be read to its end: \(failure.message)",
                code: Self.code(failure.kind),
                statusCode: failure.status,
                retryAfter: failure.retryAfter,
                hint: Self.hint(failure.kind)
            )
        )
    }

    /// The list was read, and is not whole.
    init(reading list: String, _ doubt: Doubt) {
        let missing =
            doubt.kind == .total
            ? "\(Counted.text(doubt.count ?? 0, "record")) fewer came than the server counts"
            : "a full page named no next one, and none ever did"
        self.init(
            ErrorContext(
                "\(list) is not whole: \(missing)",
                code: "INCOMPLETE_LIST",
                details: doubt.count.map { ["missing_count": .number(String($0))] } ?? .null,
                hint: "what came was handed on; perhaps the credential may not see the rest"
            )
        )
    }

    /// Every reading of the list, of as many as are made, brought news, and its pages may have shifted meanwhile.
    static func unsettled(_ list: String) -> SyncError {
        SyncError(
            ErrorContext(
                "\(list) changes faster than it can be read: records may have been passed by",
                code: "UNSETTLED_LIST",
                hint: "what came was handed on; read it again, or less of it"
            )
        )
    }

    /// The connector was closed under the walk.
    static func disconnected(_ list: String) -> SyncError {
        SyncError(
            ErrorContext(
                "\(list) can't be read to its end: its connection was closed by cleanup()",
                code: "DISCONNECTED",
                hint: "what came was handed on; close the connector when its lists are read"
            )
        )
    }

    /// The slicer found its bounds, and the stricter reader refuses what is in it.
    static func badRecord(_ list: String, _ error: JSONError) -> SyncError {
        SyncError(
            ErrorContext(
                "\(list) can't be read to its end: a record can't be read: \(error)",
                code: "BAD_RECORD",
                underlying: error,
                hint: "what came was handed on; correct the record at its system"
            )
        )
    }

    static func endless(_ list: String) -> SyncError {
        SyncError(
            ErrorContext(
                "\(list) can't be read to its end: its pages have none",
                code: code(.positionLost),
                hint: hint(.positionLost)
            )
        )
    }

    private static func code(_ kind: FailureClass) -> String {
        switch kind {
        case .positionLost: "PAGING_LOOP"
        case .badAnswer: "BAD_ANSWER"
        case .transient, .throttled, .credentials, .forbidden, .gone, .refused: "SYNC_FAILED"
        }
    }

    private static func hint(_ kind: FailureClass) -> String {
        switch kind {
        case .transient: "the server has a problem; try again later"
        case .throttled: "too many requests: wait, or share the rate limit with the account's other programs"
        case .credentials: "check the credential"
        case .forbidden: "the credential is known, and may not read this list"
        case .gone: "check the address; the list may have been removed"
        case .positionLost, .badAnswer: "what came was handed on; the server's paging is not what its connector expects"
        case .refused: "check the filters, and what the server says"
        }
    }
}
