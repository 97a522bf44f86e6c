/// What the machine sees of a record: identities, never bytes. Small, and for plain records without objects of its own,
/// since a page has a thousand: what only some streams need is kept aside.
package struct RecordHead: Sendable, Equatable {
    package var key: Hash128
    package var content: Hash128
    /// In the cursor's unit; nil for streams without cursor, and where the value can't be read.
    package var cursor: Int64?
    /// The key's JSON text, where the memory keeps every record.
    package let keyText: String?
    /// What the state remembers of it, in short.
    private var stored: KnownRecord?
    private var aside: Aside?

    private final class Aside: Sendable, Equatable {
        let knownText: String?
        let variant: DeliveredRecord?
        let routed: RoutedHead?

        init(_ knownText: String?, _ variant: DeliveredRecord?, _ routed: RoutedHead?) {
            self.knownText = knownText
            self.variant = variant
            self.routed = routed
        }

        static func == (left: Aside, right: Aside) -> Bool {
            left.knownText == right.knownText && left.variant == right.variant && left.routed == right.routed
        }
    }

    package init(
        key: Hash128,
        content: Hash128,
        cursor: Int64? = nil,
        keyText: String? = nil,
        known: DeliveredRecord? = nil,
        routed: RoutedHead? = nil
    ) {
        self.key = key
        self.content = content
        self.cursor = cursor
        self.keyText = keyText
        if routed != nil { aside = Aside(nil, nil, routed) }
        if known != nil { self.known = known }
    }

    /// What ties are compared by, without touching the rest.
    package var identity: (key: Hash128, content: Hash128, cursor: Int64?) { (key, content, cursor) }

    /// What the state remembers of it, where the memory keeps every record.
    package var known: DeliveredRecord? {
        get {
            stored.map { known in
                DeliveredRecord(
                    key: key,
                    content: known.content,
                    cursor: known.cursor,
                    generation: known.generation,
                    keyText: known.hasKeyText ? keyText ?? aside?.knownText : nil
                )
            }
        }
        set {
            stored = newValue.map(KnownRecord.init)
            let text = keyText == nil ? newValue?.keyText : nil
            if text != aside?.knownText { aside = Aside(text, knownVariant, routed) }
        }
    }

    /// The same in short; false where it has a key's text that this head does not have.
    package mutating func isKnown(as known: KnownRecord) -> Bool {
        guard !known.hasKeyText || keyText != nil else { return false }
        stored = known
        return true
    }

    /// What the state would remember of it, by a walk without a number.
    package func remembered(withCursor hasCursor: Bool) -> KnownRecord {
        KnownRecord(content: content, cursor: rowCursor(hasCursor), generation: 0, hasKeyText: keyText != nil)
    }

    /// Without a value that can be read it is never pruned.
    func rowCursor(_ hasCursor: Bool) -> Int64 { cursor ?? (hasCursor ? .max : 0) }

    /// The last full walk that saw it, where the state has it with this content and cursor value, and with its text.
    func storedGeneration(withCursor cursor: Int64) -> Int64? {
        guard let stored, stored.content == content, stored.content != .several, stored.cursor == cursor,
            stored.hasKeyText || keyText == nil
        else { return nil }
        return stored.generation
    }

    /// What the state remembers under this content, where the key stands for several records.
    package var knownVariant: DeliveredRecord? {
        get { aside?.variant }
        set { aside = Aside(aside?.knownText, newValue, routed) }
    }

    /// Where a feed's event leads; nil for a plain record, or an event that concerns no stream of ours.
    package var routed: RoutedHead? {
        get { aside?.routed }
        set { aside = Aside(aside?.knownText, knownVariant, newValue) }
    }
}

/// The record that an event carries.
package struct RoutedHead: Sendable, Equatable {
    package var stream: StreamID
    package var key: Hash128
    package var keyText: String
    package var content: Hash128
    package var isDelete: Bool
    package var known: DeliveredRecord?
    /// Full walks of the target so far: a record that arrives by event counts as seen by the last one.
    package var generation: Int64

    package init(
        stream: StreamID,
        key: Hash128,
        keyText: String,
        content: Hash128,
        isDelete: Bool,
        known: DeliveredRecord? = nil,
        generation: Int64 = 0
    ) {
        self.stream = stream
        self.key = key
        self.keyText = keyText
        self.content = content
        self.isDelete = isDelete
        self.known = known
        self.generation = generation
    }
}

/// A page as the machine sees it.
package struct PageHeads: Sendable, Equatable {
    package var records: [RecordHead]
    package var facts: PageFacts
    package var bytes: Int64

    package init(records: [RecordHead], facts: PageFacts, bytes: Int64 = 0) {
        self.records = records
        self.facts = facts
        self.bytes = bytes
    }
}

extension PageHeads {
    package var keys: [Hash128] { records.map(\.key) }

    /// Key and content in one: a record that is no different is the same one, while keys alone may be those of several.
    /// A run keeps those of some pages; of a huge one the records in the middle have one mark together.
    package var marks: [Hash128] {
        func mark(_ head: RecordHead) -> Hash128 { head.key.variant(head.content) }
        let kept = Self.marksAtEachEnd
        guard records.count > 2 * kept else { return records.map(mark) }
        var middle = Hash128(high: 0, low: UInt64(records.count))
        for head in records[kept..<(records.count - kept)] { middle = middle.variant(mark(head)) }
        return records.prefix(kept).map(mark) + [middle] + records.suffix(kept).map(mark)
    }

    private static let marksAtEachEnd = 5_000
}

/// One record of the page to write.
package struct Delivery: Sendable, Equatable {
    package enum Operation: String, Sendable {
        case upsert
        case delete
    }

    /// Index into the page's records.
    package var index: Int
    package var operation: Operation
    /// The stream it belongs to: the run's own, or a feed's target.
    package var stream: StreamID

    package init(index: Int, operation: Operation = .upsert, stream: StreamID) {
        self.index = index
        self.operation = operation
        self.stream = stream
    }
}
