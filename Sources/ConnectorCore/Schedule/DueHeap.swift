/// What is due next, of many: a binary heap over due times in which an entry is found by its id.
/// Entries due at the same moment come in the order in which they were scheduled. All changes are O(log n).
package struct DueHeap<ID: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var due: MonotonicInstant
        var number: UInt64
        var id: ID

        func comesBefore(_ other: Entry) -> Bool {
            (due.nanoseconds, number) < (other.due.nanoseconds, other.number)
        }
    }

    /// A parent is due no later than its children, which are at twice its index plus 1 and 2.
    private var entries: [Entry] = []
    private var places: [ID: Int] = [:]
    private var lastNumber: UInt64 = 0

    package init() {}

    package var count: Int { entries.count }

    package var isEmpty: Bool { entries.isEmpty }

    /// The entry that is due first.
    package var next: (due: MonotonicInstant, id: ID)? {
        entries.first.map { ($0.due, $0.id) }
    }

    package func due(of id: ID) -> MonotonicInstant? {
        places[id].map { entries[$0].due }
    }

    /// Adds the entry, or moves it if it is there.
    package mutating func schedule(_ id: ID, at due: MonotonicInstant) {
        lastNumber += 1
        let entry = Entry(due: due, number: lastNumber, id: id)
        if let place = places[id] {
            entries[place] = entry
            settle(place)
        } else {
            entries.append(entry)
            places[id] = entries.count - 1
            rise(entries.count - 1)
        }
    }

    /// Removes the entry; its due time, or `nil` if it was not there.
    @discardableResult
    package mutating func remove(_ id: ID) -> MonotonicInstant? {
        guard let place = places.removeValue(forKey: id) else { return nil }
        let removed = entries[place]
        let last = entries.removeLast()
        if place < entries.count {
            put(last, at: place)
            settle(place)
        }
        return removed.due
    }

    /// Takes out the first entry if it is due.
    package mutating func popDue(at now: MonotonicInstant) -> (due: MonotonicInstant, id: ID)? {
        guard let next, next.due <= now else { return nil }
        remove(next.id)
        return next
    }

    private mutating func settle(_ place: Int) {
        rise(place)
        sink(place)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0, entries[place].comesBefore(entries[(place - 1) / 2]) {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while let child = firstChild(of: place), entries[child].comesBefore(entries[place]) {
            swap(place, child)
            place = child
        }
    }

    /// The child that is due first.
    private func firstChild(of place: Int) -> Int? {
        let left = 2 * place + 1
        guard left < entries.count else { return nil }
        let right = left + 1
        return right < entries.count && entries[right].comesBefore(entries[left]) ? right : left
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        let entry = entries[left]
        put(entries[right], at: left)
        put(entry, at: right)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        places[entry.id] = place
    }
}
