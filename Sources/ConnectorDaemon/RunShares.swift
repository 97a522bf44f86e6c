import AITBCConnectors

/// What a run's pages are held in, from their answer until what was remembered of them is committed: the page in hand,
/// those that were written, and those of the commit under way. A share is given back when its last reference goes.
struct RunShares {
    /// What a checkpoint holds of a record, in bytes.
    private static let rememberedBytes = 320

    /// Of the page in hand.
    var current: MemoryShare?
    private var unsaved: [MemoryShare] = []
    private var committing: [MemoryShare] = []
    /// The commit that comes next is of what was flushed.
    private var isFlushed = false

    /// The page in hand is written. `pending` records wait for a checkpoint; few of them need no room.
    mutating func written(pending: Int, few: Int) {
        if let current, pending > few {
            current.putAside(at: pending * Self.rememberedBytes)
            unsaved.append(current)
        }
        current = nil
    }

    mutating func flushBegan() {
        holdForCommit()
        isFlushed = true
    }

    /// What was written since the flush is in the next one.
    mutating func commitBegan() {
        if !isFlushed { holdForCommit() }
        isFlushed = false
    }

    mutating func committed() { committing = [] }

    private mutating func holdForCommit() {
        committing += unsaved
        unsaved = []
    }
}
