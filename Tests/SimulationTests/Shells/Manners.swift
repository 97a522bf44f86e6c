import ConnectorCore

/// How a simulated API serves its list: its own habits, whatever a definition says of them.
struct Manners {
    /// What the list is sorted by.
    enum Order: CaseIterable {
        case stampAscending
        case stampDescending
        case idAscending
        case idDescending
        /// Always the same, and no field tells which.
        case mixed
        /// By stamp, but for every fourth record.
        case nearlyAscending
    }

    /// How a page says whether there is another.
    enum More {
        case none
        case boolean
        case text
        case number
        /// `last` instead of `more`, under the name of `more`.
        case inverted
        /// Left out where it would be false.
        case onlyTrue
        /// Only the first page says it.
        case onlyFirst
        case url
        case always(Bool)
    }

    /// What is answered to a position behind the last record.
    enum End: CaseIterable {
        case emptyArray
        case emptyObject
        case null
        case nullRecords
        case noContent
        case notFound
        case rangeRefused
        case badRequest
        case lastPage
        case firstPage
    }

    /// How a next page's URL is written.
    enum Link: CaseIterable {
        case absolute
        case rootRelative
        case pathRelative
        case queryOnly
    }

    /// Something that happens once or twice in a row, and passes.
    enum Blip: CaseIterable {
        case empty
        case notFound
        case repeated
    }

    /// What a record without a usable time shows.
    static let unreadable = ["null", "\"\"", "\"0000-00-00\"", "false"]

    /// Answers of a bad moment that lasts for the rest of a run.
    static let outage = 30

    var style = PagingRule.Style.none
    var order = Order.idAscending
    /// Most records on a page, whatever is asked for.
    var pageSize = 3
    /// Serves its own size also where fewer are asked for.
    var ignoresSize = false
    /// Cuts pages first and filters afterwards: pages of any size, with a promise of more.
    var sizesVary = false
    var first: Int64 = 1
    var more = More.none
    var hasTotal = false
    var link = Link.absolute
    /// A last page names a next one all the same.
    var promisesTooMuch = false
    /// Positions in tokens and links are record counts, so they drift.
    var countsPositions = false
    var end = End.emptyArray
    var lostAnchor = SourceTraits.LostAnchor.error
    /// The answer is the array itself.
    var isBare = false
    var ignoresPosition = false
    var ignoresLower = false
    var sendsDate = true
    /// Every third record comes twice, with two contents under one id.
    var hasTwins = false
    /// Every fourth record's time can't be read.
    var hasUnreadable = false
    /// Most of the list is away during one run.
    var hidesRest = false
    var blip: Blip?
    /// How often in a row.
    var blipLength = 1

    /// Whether records that appear, vanish or move shift the pages that follow.
    func drifts(_ traits: SourceTraits) -> Bool {
        switch style {
        case .none: false
        case .page, .offset: true
        case .token, .link, .linkHeader: countsPositions
        // A record that was changed is found again elsewhere, unless the list is sorted by what it is found by.
        case .afterLast: order != .idAscending
        }
    }

    /// By what the list is sorted.
    func place(_ entry: ListEntry) -> (Int64, Int) {
        let (stamp, id) = (entry.stamp, entry.id)
        switch order {
        case .stampAscending: return (stamp, id)
        case .stampDescending: return (-stamp, -id)
        case .idAscending: return (0, id)
        case .idDescending: return (0, -id)
        case .mixed: return (Int64(id) &* 0x9E37_79B9 & 0xFFF, id)
        case .nearlyAscending: return (id % 4 == 0 ? stamp - 40 * SourceTraits.second : stamp, id)
        }
    }
}
