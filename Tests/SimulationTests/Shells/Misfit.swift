import ConnectorCore

/// A way in which a source does not keep to its definition, or to what any reader would expect.
enum Misfit: String, CaseIterable {
    // The definition is wrong.
    case declaredAscending
    case declaredDescending
    case shortPageOfCapped
    case moreMisspelt
    case moreAlwaysTrue
    case moreAlwaysFalse
    case moreInverted
    case moreIsURL
    case wrongFirstPage
    case nextMisspelt
    case pagingIgnored
    case keyNotUnique
    // The server answers in a form of its own.
    case moreIsText
    case moreIsNumber
    case moreOnlyWhereTrue
    case moreOnlyOnFirst
    case linkRootRelative
    case linkPathRelative
    case linkQueryOnly
    case endsInEmptyObject
    case endsInNull
    case endsInNullRecords
    case endsInNoContent
    case endsInNotFound
    case endsInRangeRefused
    case endsInBadRequest
    case endsInLastPage
    case endsInFirstPage
    case filterIgnored
    case sizeIgnored
    case sizesVary
    case positionsCount
    /// A list that is sorted by times, whatever its definition says, and read by the last record's key.
    case anchorMoves
    case noDate
    // The records are not as they should be.
    case twins
    case unreadableStamps
    // The server has a bad moment.
    case blipEmpty
    case blipEmptyTwice
    /// For the rest of a run.
    case blipEmptyRun
    /// In one run the list ends behind a full page in its middle.
    case restHiddenRun
    case blipNotFound
    case blipRepeated

    /// What an honest server may do: no run may fail for it, and nothing may be called in doubt.
    var isHonest: Bool {
        switch self {
        case .positionsCount, .anchorMoves, .sizeIgnored, .moreOnlyWhereTrue, .linkRootRelative: true
        default: false
        }
    }

    /// What is known to lose, to repeat or to call deleted in silence, and is not mended yet: not drawn.
    static let excluded: [Misfit: String] = [:]
}

extension ShellScenario {
    /// Makes the source or its definition misfit. False where this can't be, or would change nothing.
    mutating func apply(_ misfit: Misfit) -> Bool {
        switch misfit {
        case .declaredAscending, .declaredDescending, .keyNotUnique, .wrongFirstPage, .nextMisspelt:
            misdefine(misfit)
        case .shortPageOfCapped, .sizeIgnored, .sizesVary: missize(misfit)
        case .moreMisspelt, .moreAlwaysTrue, .moreAlwaysFalse, .moreInverted, .moreIsURL, .moreIsText, .moreIsNumber,
            .moreOnlyWhereTrue, .moreOnlyOnFirst:
            mistell(misfit)
        case .pagingIgnored, .filterIgnored, .positionsCount: ignore(misfit)
        case .linkRootRelative, .linkPathRelative, .linkQueryOnly: relink(misfit)
        case .endsInEmptyObject, .endsInNull, .endsInNullRecords, .endsInNoContent, .endsInNotFound,
            .endsInRangeRefused, .endsInBadRequest, .endsInLastPage, .endsInFirstPage:
            end(misfit)
        // Of a key that is cut by a page's end nobody knows that it had a second record.
        case .twins:
            style != .afterLast && !misfits.contains(.wrongFirstPage) && set { $0.manners.hasTwins = true }
        case .unreadableStamps:
            cursor != nil && set { $0.manners.hasUnreadable = true }
        case .anchorMoves: style == .afterLast && cursor != nil && set { $0.sortByTime() }
        case .noDate: skew != 0 && set { $0.manners.sendsDate = false }
        case .blipEmpty: blip(.empty, 1)
        case .blipEmptyTwice: blip(.empty, 2)
        case .blipEmptyRun: cursor == nil && blip(.empty, Manners.outage)
        // Behind a page that is not full nothing is expected.
        case .restHiddenRun:
            // Two bad runs of different kinds agree by chance.
            style != .none && !manners.sizesVary && manners.blip == nil && set { $0.hideRest() }
        case .blipNotFound: blip(.notFound, 1)
        case .blipRepeated: blip(.repeated, 1)
        }
    }

    private var style: PagingRule.Style { manners.style }
    private var counts: Bool { style == .page || style == .offset }
    private var hasLink: Bool { style == .link || style == .linkHeader }
    private var cursor: CursorRule? { definition.cursor }

    private mutating func set(_ change: (inout ShellScenario) -> Void) -> Bool {
        change(&self)
        return true
    }

    /// Short lists are in any order by chance, and one page shows none.
    private mutating func misorder(_ order: CursorRule.Order) {
        declare(order)
        initialChanges += 15
        (runs, changesBetweenRuns) = (3, 9)
    }

    private mutating func hideRest() {
        manners.hidesRest = true
        initialChanges += 8
        runs = 3
        // Each run looks for what is gone.
        if definition.resync != nil { definition.resync = .seconds(1) }
    }

    private mutating func sortByTime() {
        manners.order = .stampAscending
        declare(.none)
    }

    private mutating func misdefine(_ misfit: Misfit) -> Bool {
        switch misfit {
        case .declaredAscending:
            guard cursor != nil, manners.order != .stampAscending else { return false }
            return set { $0.misorder(.ascending) }
        case .declaredDescending:
            guard cursor != nil, manners.order != .stampDescending else { return false }
            return set { $0.misorder(.descending) }
        case .keyNotUnique:
            // Pages can't be told apart by such keys.
            guard !misfits.contains(.wrongFirstPage) else { return false }
            return set { $0.definition.key = [["group"]] }
        case .wrongFirstPage:
            // An offset that is counted from 1 and asked for from 0 repeats records: told, and nothing is called deleted.
            guard style == .page || style == .offset && manners.first == 0,
                misfits.isDisjoint(with: [.keyNotUnique, .twins])
            else { return false }
            return set { $0.definition.paging.first = 1 - $0.manners.first }
        default:
            // Where no smaller page can be asked for, or pages are of any size, it looks like a list of one page.
            guard style == .token || style == .link, definition.paging.size != nil, manners.pageSize > 1,
                !manners.sizesVary, !manners.ignoresSize
            else { return false }
            return set { $0.definition.paging.next = ["nxt"] }
        }
    }

    private mutating func missize(_ misfit: Misfit) -> Bool {
        switch misfit {
        case .shortPageOfCapped:
            // Pages of any size that are declared to be full but for the last: any of them may be that.
            guard style == .page || style == .offset || style == .afterLast, definition.paging.more == nil,
                !manners.sizesVary
            else { return false }
            return set {
                $0.definition.paging.shortPage = .end
                $0.definition.paging.size = Int64($0.manners.pageSize + 3)
            }
        case .sizeIgnored:
            guard definition.paging.size != nil, !manners.sizesVary, !misfits.contains(.nextMisspelt) else {
                return false
            }
            return set { $0.manners.ignoresSize = true }
        default:
            guard style != .none, style != .page, !manners.ignoresSize, !manners.hidesRest, !manners.ignoresPosition,
                definition.paging.next != ["nxt"], !misfits.contains(.shortPageOfCapped)
            else { return false }
            return set {
                $0.manners.sizesVary = true
                $0.definition.paging.shortPage = .continue
            }
        }
    }

    private mutating func mistell(_ misfit: Misfit) -> Bool {
        guard style != .none, !manners.isBare else { return false }
        definition.paging.more = ["more"]
        switch misfit {
        case .moreMisspelt:
            manners.more = .boolean
            definition.paging.more = ["has_more"]
        case .moreAlwaysTrue: manners.more = .always(true)
        case .moreAlwaysFalse: manners.more = .always(false)
        case .moreInverted: manners.more = .inverted
        case .moreIsURL: manners.more = .url
        case .moreIsText: manners.more = .text
        case .moreIsNumber: manners.more = .number
        case .moreOnlyWhereTrue: manners.more = .onlyTrue
        default: manners.more = .onlyFirst
        }
        return true
    }

    private mutating func ignore(_ misfit: Misfit) -> Bool {
        switch misfit {
        case .pagingIgnored:
            // The same beginning in any length looks like pages that shift.
            guard style != .none, !manners.sizesVary else { return false }
            manners.ignoresPosition = true
        case .filterIgnored:
            guard cursor?.filtersLower == true else { return false }
            manners.ignoresLower = true
        default:
            guard style == .token || hasLink else { return false }
            manners.countsPositions = true
        }
        return true
    }

    private mutating func relink(_ misfit: Misfit) -> Bool {
        guard hasLink else { return false }
        switch misfit {
        case .linkRootRelative: manners.link = .rootRelative
        case .linkPathRelative: manners.link = .pathRelative
        default: manners.link = .queryOnly
        }
        return true
    }

    private mutating func end(_ misfit: Misfit) -> Bool {
        guard style != .none else { return false }
        // Else nobody asks for what is behind the end.
        if counts || style == .afterLast {
            definition.paging.more = nil
            definition.paging.shortPage = .continue
        } else {
            manners.promisesTooMuch = true
            manners.countsPositions = true
        }
        switch misfit {
        case .endsInEmptyObject where !manners.isBare: manners.end = .emptyObject
        case .endsInNull: manners.end = .null
        case .endsInNullRecords: manners.end = .nullRecords
        case .endsInNoContent: manners.end = .noContent
        case .endsInNotFound: manners.end = .notFound
        case .endsInRangeRefused: manners.end = .rangeRefused
        case .endsInBadRequest: manners.end = .badRequest
        case .endsInLastPage: manners.end = .lastPage
        case .endsInFirstPage: manners.end = .firstPage
        default: return false
        }
        return true
    }

    private mutating func blip(_ blip: Manners.Blip, _ length: Int) -> Bool {
        guard !manners.hidesRest else { return false }
        manners.blip = blip
        manners.blipLength = length
        return true
    }
}
