extension StreamLedger {
    /// Adds to a page's heads what is remembered of their records, where every one is.
    /// `recognized` says what a remembered record is taken for, with its head and its place on the page.
    package func fillKnown(
        _ heads: inout [RecordHead],
        of stream: StreamID,
        recognized: (DeliveredRecord, RecordHead, Int) -> DeliveredRecord = { known, _, _ in known }
    ) async throws(StateError) {
        guard !heads.isEmpty else { return }
        let known = try await delivered(of: stream, keys: heads.map(\.key))
        for index in heads.indices {
            heads[index].known = known[heads[index].key].map { recognized($0, heads[index], index) }
        }
        try await fillVariants(&heads, of: stream)
    }

    /// Of keys that stand for several records, whether this one was delivered.
    private func fillVariants(_ heads: inout [RecordHead], of stream: StreamID) async throws(StateError) {
        let several = heads.indices.filter { heads[$0].known?.content == .several }
        guard !several.isEmpty else { return }
        let keys = several.map { heads[$0].key.variant(heads[$0].content) }
        let known = try await delivered(of: stream, keys: keys)
        for (index, key) in zip(several, keys) { heads[index].knownVariant = known[key] }
    }
}
