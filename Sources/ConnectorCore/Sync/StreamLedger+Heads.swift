extension StreamLedger {
    /// Adds to a page's heads what is remembered of their records, where every one is.
    /// `recognized` says what a remembered record of another content is taken for, with its head and its place on the
    /// page.
    package func fillKnown(
        _ heads: inout [RecordHead],
        of stream: StreamID,
        hasCursor: Bool,
        recognized: (KnownRecord, RecordHead, Int) -> KnownRecord = { known, _, _ in known }
    ) async throws(StateError) {
        guard !heads.isEmpty else { return }
        let likely = heads.map { $0.remembered(withCursor: hasCursor) }
        let known = try await known(of: stream, keys: heads.map(\.key), likely: likely)
        var (unnamed, several): ([Int], [Int]) = ([], [])
        for index in heads.indices {
            guard var known = known[index] else { continue }
            if known.content != likely[index].content {
                if known.content == .several { several.append(index) }
                known = recognized(known, heads[index], index)
            }
            if !heads[index].isKnown(as: known) { unnamed.append(index) }
        }
        try await fillWhole(&heads, unnamed, of: stream)
        try await fillVariants(&heads, several, of: stream)
    }

    /// Of records whose key has a text in the state only.
    private func fillWhole(
        _ heads: inout [RecordHead],
        _ unnamed: [Int],
        of stream: StreamID
    ) async throws(StateError) {
        guard !unnamed.isEmpty else { return }
        let known = try await delivered(of: stream, keys: unnamed.map { heads[$0].key })
        for index in unnamed { heads[index].known = known[heads[index].key] }
    }

    /// Of keys that stand for several records, whether this one was delivered.
    private func fillVariants(
        _ heads: inout [RecordHead],
        _ several: [Int],
        of stream: StreamID
    ) async throws(StateError) {
        guard !several.isEmpty else { return }
        let keys = several.map { heads[$0].key.variant(heads[$0].content) }
        let known = try await delivered(of: stream, keys: keys)
        for (index, key) in zip(several, keys) { heads[index].knownVariant = known[key] }
    }
}
