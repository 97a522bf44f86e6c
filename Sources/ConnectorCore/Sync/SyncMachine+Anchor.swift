/// How an ascending walk goes from page to page where positions would drift: by the cursor value reached.
extension SyncMachine {
    /// Whether pages after the first of a query are read by a position that may drift.
    var isSweeping: Bool { isAnchored && walk.position != .first }

    /// Where the walk goes on after this page: at the server's next position, or at the cursor value reached.
    /// False at the walk's end.
    mutating func advance(_ page: PageHeads, to next: PagePosition?) -> Bool {
        guard let rule = plan.cursor, isAnchored else {
            walk.position = next ?? walk.position
            return next != nil
        }
        let reached = page.records.compactMap(\.cursor).max().map(rule.floored)
        let beyond = reached.flatMap { $0 > walk.lower ?? .min ? $0 : nil }
        if isSweeping, let spotCheck {
            self.spotCheck = nil
            goOn(at: spotCheck)
            return true
        }
        // One answer is no list that could have shifted.
        if isSweeping, next == nil, page.records.isEmpty, scan.pages <= 1 { return false }
        if isSweeping, let behindShort, !page.records.isEmpty {
            // The page before was not full, and others follow all the same: so they may behind each.
            shortPagesGoOn = true
            anchor(at: behindShort)
            return true
        }
        if isSweeping, beyond != nil || next == nil { return sweepEnds(rule, beyond: beyond) }
        guard let next else { return false }
        // Behind a page that is not full nothing is expected: asked for by position, that takes one request.
        let isFull = shortPagesGoOn || page.records.count >= evidence.largestPage
        if let beyond, isFull, isSpotCheckDue {
            walk.position = next
            spotCheck = beyond
        } else if let beyond, isFull {
            goOn(at: beyond)
        } else {
            walk.position = next
            behindShort = beyond
        }
        return true
    }

    private mutating func goOn(at value: Int64) {
        anchors += 1
        anchor(at: value)
        (isAnchoredAtRecord, creeps) = (true, 0)
    }

    /// A list that has kept its order may have another one since: what an anchor would leave out shows on the page that
    /// the server has next. So behind the first page, the second, the fourth and so on, that is read as well.
    private var isSpotCheckDue: Bool { cursorAtStart != nil && walk.pass == 1 && anchors & (anchors + 1) == 0 }

    /// What the filter can't tell apart fills more than a page and was read by position: it is swept until a second
    /// sweep finds nothing new. Then the walk goes on right behind it, since what the last page showed of later
    /// records may have gaps.
    private mutating func sweepEnds(_ rule: CursorRule, beyond: Int64?) -> Bool {
        // Without news the cursor stays here, and the next run sweeps again.
        let isOver = walk.sweepFresh == 0 && (isSecondSweep || beyond == nil)
        guard isOver || sweeps >= limits.passes else {
            let count = sweeps + 1
            anchor(at: walk.lower)
            (isSecondSweep, sweeps) = (true, count)
            return true
        }
        if !isOver { notes.append(.stillChanging(passes: sweeps)) }
        guard let beyond else { return false }
        let hasTies = scan.lowest.map { rule.floored($0) <= walk.lower ?? .min } ?? false
        creeps = walk.sweepFresh > 0 || hasTies ? 0 : creeps + 1
        guard creeps <= Self.mostChances else {
            // Step by step nothing is found: records that pass every filter fill the first page.
            beginByPosition()
            return true
        }
        anchor(at: walk.lower?.addingSaturated(rule.granularity) ?? beyond)
        return true
    }

    private mutating func anchor(at lower: Int64?) {
        walk.lower = lower
        walk.position = .first
        beginScan()
    }

    /// Forgets what only holds while one query is read from its first page on.
    mutating func beginScan() {
        walk.sweepFresh = 0
        (isSecondSweep, sweeps) = (false, 0)
        scans += 1
        memory.readingBegins()
        guardian = CycleGuard()
        scan = Scan()
        question = nil
        emptyPages = 0
        lastPosition = nil
        promise = nil
        sharesLast = false
        behindShort = nil
        spotCheck = nil
        unnamedCount = nil
        isAnchoredAtRecord = false
    }
}
