/// Something in which a source was seen to differ from its definition: told once, shown until it is over.
package struct Doubt: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Records came against `cursor.order`.
        case order
        /// `paging.more` or `paging.last` called a page the last one that was not, or never comes.
        case declaredEnd = "declared_end"
        /// Pages hold fewer records than were asked for, and more follow.
        case cappedPages = "capped_pages"
        /// The end is only told by an error behind a full page.
        case endByError = "end_by_error"
        /// Fewer records came than the source says there are.
        case total
        /// One key stands for several records.
        case duplicateKeys = "duplicate_keys"
        /// Pages go on behind a field that several records share.
        case keysetNotUnique = "keyset_not_unique"
        /// Records without a cursor value that can be read.
        case cursorValues = "cursor_values"
        /// More records vanished at once than are called deleted without being asked.
        case deletesHeld = "deletes_held"
        /// The cursor lay ahead of every clock: clocks went back.
        case clockWentBack = "clock_went_back"
        /// The newest records bear times ahead of now.
        case sourceAhead = "source_ahead"
        /// Records came that `cursor.lower` does not ask for.
        case filterIgnored = "filter_ignored"
        /// The second page is the first one again, and nothing smaller can be asked for to tell why.
        case positionUnproven = "position_unproven"
        /// Readings of the list repeat records, although nothing changes.
        case unstableOrder = "unstable_order"
        /// The filter for what is new leaves out what it should include.
        case filterShifted = "filter_shifted"
        /// A list that names its next page never named one, though its page was full.
        case nextNeverSeen = "next_never_seen"

        /// In words, as a line begins with it.
        package var name: String { rawValue.replacing("_", with: " ") }
    }

    package var kind: Kind
    /// How many records it is about, where that is countable.
    package var count: Int64?

    package init(_ kind: Kind, count: Int64? = nil) {
        self.kind = kind
        self.count = count
    }

    /// Whether records may be missing in the sink. Of all others the source was read in a way that needs no trust.
    package var mayMissRecords: Bool {
        switch kind {
        case .total, .nextNeverSeen, .keysetNotUnique, .positionUnproven, .unstableOrder: true
        case .order, .declaredEnd, .cappedPages, .endByError, .duplicateKeys, .cursorValues, .deletesHeld,
            .clockWentBack, .sourceAhead, .filterIgnored, .filterShifted:
            false
        }
    }

    /// The key of the definition to correct; empty where the source itself is to be looked at.
    package var key: String {
        switch kind {
        case .order: "cursor.order"
        case .declaredEnd: "paging.more"
        case .cappedPages: "paging.size.value"
        case .endByError: "paging.more"
        case .total: "paging.total"
        case .duplicateKeys: "key"
        case .keysetNotUnique: "paging.field"
        case .cursorValues: "cursor.field"
        case .deletesHeld: "deletes.most"
        case .clockWentBack, .sourceAhead: ""
        case .filterIgnored: "cursor.lower"
        case .nextNeverSeen: "paging.next"
        case .positionUnproven: "paging.parameter"
        case .unstableOrder: "query"
        case .filterShifted: "cursor.lower"
        }
    }

    /// What was seen, what it means, what to do.
    package var text: String {
        switch kind {
        case .order:
            "records come in another order than `cursor.order` says; every record is remembered and the list is read "
                + "until it stands still; correct the order to read less"
        case .declaredEnd:
            "`paging.more` (or `last`, `pages`, `total`) called a page the last one, and others followed; the list is "
                + "read until a page is empty; correct the path"
        case .cappedPages:
            "the server gives fewer records a page than `paging.size` asks for; a short page is not taken for the last "
                + "one; lower `paging.size.value`"
        case .endByError:
            "only an error, or an old page, behind a full one ends the list; it was asked twice and the page before "
                + "stood; give `paging.more`, `pages` or `total`"
        case .total:
            "\(Counted.text(count ?? 0, "record")) fewer came than `paging.total` says; records may be missing, or the "
                + "total counts what this credential may not see"
        case .duplicateKeys:
            "\(Counted.text(count ?? 0, "key")) stood for several records at once; each of their contents is delivered "
                + "once, and none is ever called deleted; name the fields in `key` that tell records apart"
        case .keysetNotUnique:
            "pages go on behind a field that several records share: of those that share one at the end of a page, some may "
                + "be missing; name a `paging.field` that tells records apart"
        case .cursorValues:
            "\(Counted.text(count ?? 0, "record")) had no cursor value that can be read; they were delivered, and do not "
                + "move the cursor; name a `cursor.fallback`"
        case .deletesHeld:
            "\(Counted.text(count ?? 0, "record")) vanished from the source, all there were or more than `deletes.most`; "
                + "nothing is delivered of it until a person says `sync NAME/STREAM --accept-deletes`"
        case .clockWentBack:
            "the cursor was ahead of now: the clock had been ahead; the stream reads again from before that time"
        case .sourceAhead:
            "the newest records bear times ahead of now; the source's clock is ahead, or ours is behind"
        case .filterIgnored:
            "the server answers with records from before the value that `cursor.lower` asks for; what of them is known is "
                + "left out; correct the parameter's name, or `cursor.granularity`, to read less"
        case .positionUnproven:
            "the second page is the first one again, and nothing smaller can be asked for: the list may have no more, or "
                + "the server may not know `paging.parameter`; records may be missing"
        case .unstableOrder:
            "readings of the list repeat records although nothing changes, so others may be on no page; ask for a sort that "
                + "tells all records apart; nothing that is missing is called deleted"
        case .filterShifted:
            "the server leaves out records that `cursor.lower` includes (it excludes the bound, rounds it, or reads it in "
                + "another zone or unit); the stream asks from further back, or for everything; correct the value's format, "
                + "unit or zone to read less"
        case .nextNeverSeen:
            "a full page named no next one where `paging.next` looks, and none ever did, or the answer has one elsewhere; "
                + "records may be missing; correct `paging.next`: `check --connect` says what the first page has"
        }
    }
}
