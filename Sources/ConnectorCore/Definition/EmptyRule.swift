/// How an API says "none" in another way than by an empty list. Data of a definition.
package struct EmptyRule: Sendable, Equatable {
    /// The member that holds the records is not there.
    package var absent = false
    /// Members that may stand beside it all the same. Whatever else an answer holds makes it a bad one: an error with
    /// status 200, or another shape, must not pass for a quiet day.
    package var beside: [String] = []
    /// The whole answer is empty, `null`, `{}` or `[]`.
    package var nothing = false

    package init(absent: Bool = false, beside: [String] = [], nothing: Bool = false) {
        self.absent = absent
        self.beside = beside
        self.nothing = nothing
    }

    /// Whether an answer without the stream's records says that there are none.
    package func meansNone(_ answer: JSONValue, _ stream: StreamDefinition) -> Bool {
        guard absent, !stream.records.isEmpty else { return false }
        let paging = stream.paging
        let named = [stream.records, paging.more, paging.last, paging.next, paging.total, paging.pages].compactMap {
            $0
        }
        var value = answer
        for (depth, step) in stream.records.enumerated() {
            guard let members = value.members else { return false }
            let above = stream.records.prefix(depth)
            let known = Set(named.filter { $0.count > depth && $0.starts(with: above) }.map { $0[depth] })
            let isKnown = members.allSatisfy { known.contains($0.name) || beside.contains($0.name) }
            guard isKnown else { return false }
            guard let next = value[step] else { return true }
            value = next
        }
        return false
    }
}
