/// Finds the records of a page.
package struct RecordSlicer {
    /// What to add to a page's capacity, so that slicing does not copy it.
    package static var slack: Int { PageBytes.slack }
    /// Ranges are kept in 32 bits. Far beyond the 64 MB at which a download is cut off.
    package static let pageMaximum = 1 << 30

    /// Checks that the page is JSON (RFC 8259), cuts its white space out and notes where the plan's values are.
    /// Throws when the page is not JSON. Where its records are missing, it does not: the page may hold the server's
    /// reason, and `Page.checkRecords` tells what was found instead.
    ///
    /// The page is worked on in place: hand over the only reference (`consume`) with `slack` bytes of spare capacity,
    /// or it is copied first. A page of more than `mostRecords` is refused where they are found.
    package static func slice(
        _ bytes: consuming [UInt8],
        plan: SlicePlan,
        mostRecords: Int = SlicePlan.recordsMaximum
    ) throws(SliceError) -> Page {
        guard bytes.count <= pageMaximum else {
            let reason = "a page of \(bytes.count) bytes is larger than \(pageMaximum)"
            throw SliceError(.tooLarge, offset: pageMaximum, reason: reason, excerpt: "")
        }
        var page = bytes
        let walk = try PageBytes.withBytes(of: &page) { (bytes) throws(SliceError) in
            var walk = PageWalk(bytes, plan: plan, mostRecords: mostRecords)
            do throws(Fault) {
                try walk.run()
            } catch {
                throw SliceError(error, in: bytes, unmovedFrom: walk.scanner.compaction.runStart)
            }
            return walk.result
        }
        page.removeLast(page.count - walk.length)
        return Page(bytes: page, plan: plan, walk: walk)
    }
}

/// The walk along a plan's paths. It recurses at most as deep as the plan's longest path, or the nesting limit.
private struct PageWalk {
    let plan: SlicePlan
    let mostRecords: Int
    var scanner: PageScanner
    private(set) var result: WalkResult

    init(_ bytes: PageBytes, plan: SlicePlan, mostRecords: Int) {
        self.plan = plan
        self.mostRecords = mostRecords
        scanner = PageScanner(bytes)
        result = WalkResult(pageSlots: plan.layout.pageSlots)
    }

    mutating func run() throws(Fault) {
        scanner.start()
        result.start = scanner.position
        try value(at: plan.pageRoot, row: 0)
        result.length = try scanner.finish()
    }

    /// Reads the value of a watched member, the root, or a record. `row` is where its slots begin.
    private mutating func value(at index: Int, row: Int) throws(Fault) {
        let node = plan.nodes[index]
        let start = scanner.compactPosition
        let first = scanner.bytes[scanner.position]
        if node.holdsRecords { result.forgetRecords(pageSlots: plan.layout.pageSlots) }
        if node.isRecords { noteRecords(first, at: scanner.position) }
        for slot in node.slotsBelow { result.clear(row + slot) }
        if node.isRecords, first == ASCII.openingBracket, plan.recordRoot >= 0 {
            try records()
        } else if node.firstChild >= 0, first == ASCII.openingBrace {
            try members(of: node, row: row)
        } else {
            try scanner.skipValue()
        }
        if node.slot >= 0 { result.set(row + node.slot, start..<scanner.compactPosition) }
    }

    private mutating func members(of node: SlicePlan.Node, row: Int) throws(Fault) {
        guard try scanner.enterObject() else { return }
        var step = PageScanner.Step.name
        while try scanner.nextMember(from: step, watching: node.filter) {
            let child = child(of: node)
            if child >= 0 {
                try value(at: child, row: row)
                step = .afterValue
            } else {
                step = .value
            }
        }
    }

    private mutating func records() throws(Fault) {
        guard try scanner.enterArray() else { return }
        repeat {
            guard result.records < mostRecords else {
                throw Fault(.tooManyRecords, at: scanner.position)
            }
            try value(at: plan.recordRoot, row: result.addRow(plan.layout.recordSlots))
        } while try scanner.nextElement()
    }

    /// The child whose name the scanner stopped at, or `none`.
    private func child(of node: SlicePlan.Node) -> Int {
        guard scanner.nameIsPlain else { return child(of: node, spelled: scanner.bytes.copy(scanner.name)) }
        let name = scanner.name
        var index = node.firstChild
        while index >= 0 {
            if isEqual(plan.nodes[index].name, to: name) { return index }
            index = plan.nodes[index].nextSibling
        }
        return SlicePlan.Node.none
    }

    private func isEqual(_ planned: Range<Int>, to name: Range<Int>) -> Bool {
        guard planned.count == name.count else { return false }
        for offset in 0..<name.count
        where plan.names[planned.lowerBound + offset] != scanner.bytes[name.lowerBound + offset] {
            return false
        }
        return true
    }

    /// The rare way, for a name with escapes.
    private func child(of node: SlicePlan.Node, spelled spelling: [UInt8]) -> Int {
        guard let name = JSONText.unescaped(spelling[...]) else { return SlicePlan.Node.none }
        var index = node.firstChild
        while index >= 0, !plan.names[plan.nodes[index].name].elementsEqual(name) {
            index = plan.nodes[index].nextSibling
        }
        return index
    }

    private mutating func noteRecords(_ first: UInt8, at offset: Int) {
        guard let kind = JSONText.Kind(first: first) else { return }
        result.foundOffset = offset
        let isExpected = plan.recordRoot >= 0 ? kind == .array : kind == .object
        result.found = isExpected ? .found : kind == .null ? .null : .other(kind)
        if isExpected, plan.recordRoot < 0 { result.records = 1 }
    }
}

/// What a walk found, as flat as the page is long.
struct WalkResult {
    /// Start and end of each slot; the start of an absent value is -1.
    private(set) var ranges: [Int32]
    var records = 0
    var found = Page.RecordsFound.missing
    /// Where the value at the records' path began, in the page as it came.
    var foundOffset = 0
    /// Of the first token.
    var start = 0
    /// Of the compact page.
    var length = 0

    init(pageSlots: Int) {
        ranges = Array(repeating: -1, count: 2 * pageSlots)
    }

    mutating func set(_ slot: Int, _ range: Range<Int>) {
        ranges[2 * slot] = Int32(truncatingIfNeeded: range.lowerBound)
        ranges[2 * slot + 1] = Int32(truncatingIfNeeded: range.upperBound)
    }

    mutating func clear(_ slot: Int) {
        ranges[2 * slot] = -1
    }

    /// Makes room for one more record and returns its first slot.
    mutating func addRow(_ slots: Int) -> Int {
        let row = ranges.count / 2
        for _ in 0..<2 * slots { ranges.append(-1) }
        records += 1
        return row
    }

    mutating func forgetRecords(pageSlots: Int) {
        ranges.removeLast(ranges.count - 2 * pageSlots)
        records = 0
        found = .missing
    }
}
