/// Dead letters in memory, for the store without a disk. Keeps the contract of `DeadLetterStore` but for durability.
struct DeadLetterMemory: Sendable {
    private var letters: [KeptDeadLetter] = []
    private var last: Int64 = 0

    mutating func add(_ added: [DeadLetter], limit: Int) throws(StateError) {
        var changed = self
        for letter in added { try changed.add(letter, limit: limit) }
        self = changed
    }

    private mutating func add(_ letter: DeadLetter, limit: Int) throws(StateError) {
        let ofStream = letters.filter { $0.letter.stream == letter.stream }
        guard !ofStream.contains(where: { $0.letter.content == letter.content }) else { return }
        guard ofStream.count < limit else { throw .tooManyDeadLetters(letter.stream, limit: limit, last: letter) }
        last += 1
        letters.append(KeptDeadLetter(number: last, letter: letter))
    }

    func list(limit: Int, after: Int64) -> [KeptDeadLetter] {
        Array(letters.filter { $0.number > after }.prefix(limit))
    }

    var counts: [StreamID: Int] { Dictionary(grouping: letters, by: \.letter.stream).mapValues(\.count) }

    mutating func remove(_ numbers: [Int64]) {
        letters.removeAll { numbers.contains($0.number) }
    }
}

extension InMemoryStore: DeadLetterStore {
    package func add(_ letters: [DeadLetter], limit: Int) throws(StateError) {
        try deadLetters.add(letters, limit: limit)
    }

    package func deadLetters(limit: Int, after: Int64) -> [KeptDeadLetter] {
        deadLetters.list(limit: limit, after: after)
    }

    package func deadLetterCounts() -> [StreamID: Int] { deadLetters.counts }

    package func removeDeadLetters(_ numbers: [Int64]) { deadLetters.remove(numbers) }
}
