/// What a stream needs to know of a page, compiled once per stream.
///
/// A path is a list of member names, since names may hold dots (`@odata.nextLink`). Paths lead through objects only.
/// Where a name occurs twice in an object, the last one counts.
package struct SlicePlan: Sendable {
    /// Where a page's records are.
    package enum Records: Sendable, Equatable {
        /// The elements of the array at this path; the empty path is a root that is the array.
        case array([String])
        /// The object at this path is the only record; the empty path is the root itself.
        case single([String])
        /// The page is read for its fields only.
        case none

        package var path: [String] {
            switch self {
            case .array(let path), .single(let path): path
            case .none: []
            }
        }
    }

    /// A page with more records is refused where they are counted: the largest page of the APIs we know has 20,000, a
    /// whole list in one answer some ten times that, and what a run holds of each (about 600 bytes, however small it
    /// is) would otherwise be many times the page.
    package static let recordsMaximum = 250_000

    package let records: Records
    /// The names on the way to a field, and what to do there.
    let nodes: [Node]
    /// All names, one after the other.
    let names: [UInt8]
    /// Where the walk of a page and the walk of a record begin.
    let pageRoot: Int
    let recordRoot: Int
    let layout: Layout

    /// One name of the trie that the paths form.
    struct Node: Sendable {
        var name: Range<Int>
        var firstChild = Node.none
        var nextSibling = Node.none
        /// Where the value's range goes; `none` when the value itself is not asked for.
        var slot = Node.none
        /// The slots of everything below, which a second member of the same name makes void.
        var slotsBelow = 0..<0
        var filter = NameFilter()
        /// Whether the records are here, or here or below.
        var isRecords = false
        var holdsRecords = false

        static let none = -1
    }

    /// Which slot holds what: a page's slots come first, then one row of slots per record.
    struct Layout: Sendable {
        var pageSlots = 0
        var recordSlots = 0
        /// By index of the field in the plan.
        var pageFields: [Int] = []
        var recordFields: [Int] = []
        /// Where a record's own range is in its row.
        var recordSlot = 0
    }

    package init(records: Records, recordFields: [[String]] = [], pageFields: [[String]] = []) {
        self.records = records
        var builder = PlanBuilder()
        pageRoot = builder.add(.page(records, recordFields: recordFields, pageFields: pageFields), named: [])
        builder.layout.pageSlots = builder.takeSlots()
        if case .array = records {
            recordRoot = builder.add(.record(recordFields), named: [])
            builder.layout.recordSlots = builder.takeSlots()
        } else {
            recordRoot = Node.none
        }
        nodes = builder.nodes
        names = builder.names
        layout = builder.layout
    }
}

/// Turns paths into the plan's flat arrays.
private struct PlanBuilder {
    enum Use {
        case records
        case record
        case pageField(Int)
        case recordField(Int)
    }

    /// A name while the trie grows.
    struct Branch {
        var uses: [Use] = []
        var children: [(name: [UInt8], branch: Branch)] = []

        static func page(
            _ records: SlicePlan.Records,
            recordFields: [[String]],
            pageFields: [[String]]
        ) -> Branch {
            var branch = Branch()
            for (index, path) in pageFields.enumerated() { branch.insert(path[...], .pageField(index)) }
            if records != .none { branch.insert(records.path[...], .records) }
            if case .single(let path) = records {
                // The only record is a part of the page like any other: its fields are page fields by another name.
                branch.insert(path[...], .record)
                for (index, field) in recordFields.enumerated() {
                    branch.insert((path + field)[...], .recordField(index))
                }
            }
            return branch
        }

        static func record(_ fields: [[String]]) -> Branch {
            var branch = Branch()
            branch.insert([], .record)
            for (index, field) in fields.enumerated() { branch.insert(field[...], .recordField(index)) }
            return branch
        }

        mutating func insert(_ path: ArraySlice<String>, _ use: Use) {
            guard let first = path.first else {
                uses.append(use)
                return
            }
            let name = Array(first.utf8)
            if let index = children.firstIndex(where: { $0.name == name }) {
                children[index].branch.insert(path.dropFirst(), use)
            } else {
                var branch = Branch()
                branch.insert(path.dropFirst(), use)
                children.append((name, branch))
            }
        }
    }

    var nodes: [SlicePlan.Node] = []
    var names: [UInt8] = []
    var layout = SlicePlan.Layout()
    private var slots = 0

    /// How many slots were given out since the last call.
    mutating func takeSlots() -> Int {
        defer { slots = 0 }
        return slots
    }

    /// Adds a branch and what is below it; slots are numbered depth first, so that those below a node are a range.
    mutating func add(_ branch: Branch, named name: [UInt8]) -> Int {
        let index = nodes.count
        nodes.append(SlicePlan.Node(name: names.count..<names.count + name.count))
        names += name
        for use in branch.uses { assign(use, to: index) }
        let firstSlot = slots
        for child in branch.children.reversed() {
            let added = add(child.branch, named: child.name)
            nodes[added].nextSibling = nodes[index].firstChild
            nodes[index].firstChild = added
            nodes[index].filter.insert(child.name)
            if nodes[added].holdsRecords { nodes[index].holdsRecords = true }
        }
        nodes[index].slotsBelow = firstSlot..<slots
        return index
    }

    private mutating func assign(_ use: Use, to node: Int) {
        switch use {
        case .records:
            nodes[node].isRecords = true
            nodes[node].holdsRecords = true
        case .record:
            layout.recordSlot = slot(of: node)
        case .pageField(let index):
            Self.set(&layout.pageFields, at: index, slot(of: node))
        case .recordField(let index):
            Self.set(&layout.recordFields, at: index, slot(of: node))
        }
    }

    private static func set(_ fields: inout [Int], at index: Int, _ slot: Int) {
        while fields.count <= index { fields.append(SlicePlan.Node.none) }
        fields[index] = slot
    }

    private mutating func slot(of node: Int) -> Int {
        if nodes[node].slot == SlicePlan.Node.none {
            nodes[node].slot = slots
            slots += 1
        }
        return nodes[node].slot
    }
}
