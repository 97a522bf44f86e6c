/// The records of a list, one by one, read as they are asked for.
///
/// ```swift
/// for try await charge in stripe.charges(createdSince: yesterday) {
///     try await book(charge)
/// }
/// ```
///
/// A page is asked for when the records of the one before have been taken: leave the loop, and nothing more is sent. A
/// task that is cancelled stops the transfer, too. Each loop reads anew, from the first page.
///
/// A list is read until it stands still: a record that changes meanwhile comes again, so the last one of an id counts.
/// Where the list could not be read whole, the loop ends with a ``SyncError``: what came until then is good, and there
/// is more of it.
public struct RecordSequence<Element: Sendable>: AsyncSequence, Sendable {
    /// Gives the next record; nil behind the last one.
    public typealias Next = () async throws -> Element?

    private let begin: @Sendable () -> Next

    /// For connectors of your own: `begin` is called once a loop.
    public init(_ begin: @escaping @Sendable () -> Next) {
        self.begin = begin
    }

    /// For the fakes of a test.
    public init(_ elements: [Element]) {
        self.init {
            var rest = elements[...]
            return { rest.popFirst() }
        }
    }

    /// Begins at the first record.
    public func makeAsyncIterator() -> Iterator { Iterator(next: begin()) }

    /// One walk over the records.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let next: Next

        /// The next record; nil behind the last one.
        public mutating func next() async throws -> Element? { try await next() }
    }
}

extension RecordSequence {
    /// Each record as something else. A throw is the end.
    func each<Other>(_ transform: @escaping @Sendable (Element) throws -> Other) -> RecordSequence<Other> {
        RecordSequence<Other> { [begin] in
            let next = begin()
            var isOver = false
            return {
                guard !isOver, let record = try await next() else { return nil }
                do {
                    return try transform(record)
                } catch {
                    isOver = true
                    throw error
                }
            }
        }
    }
}

/// Throw it from `deliver` to count the record as failed and go on with the next one; the result has no `lastSync` then, so
/// that the next sync brings it again. Anything else that is thrown there ends the sync, which throws it on.
public struct RecordFailure: Error, CustomStringConvertible {
    /// Why.
    public var reason: String

    /// In words.
    public init(_ reason: String) {
        self.reason = reason
    }

    /// What went wrong with the record.
    public init(_ error: any Error) {
        self.init("\(error)")
    }

    /// The reason.
    public var description: String { reason }
}
