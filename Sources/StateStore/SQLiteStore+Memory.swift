import ConnectorCore

/// What spares runs the look-up of every record.
extension SQLiteStore {
    /// Fewer records are looked up sooner than all that are remembered are read.
    private static let leastAsked = 2_000

    /// What is kept of a row while a run reads.
    struct Sieve {
        /// Of rows that remembered nothing when they were opened.
        var filter: KeyFilter?
        /// Nil until it is worth being read.
        var standing: StandingRecords?
        var mayStand = true
        var asked = 0

        init(isRemembering: Bool) {
            guard !isRemembering else { return }
            filter = KeyFilter()
            standing = StandingRecords()
        }

        mutating func giveUpStanding() {
            standing = nil
            mayStand = false
        }

        /// Told before the rows are written: a key too many does no harm to the filter. Returns the records whose keys
        /// the row surely did not have: they stand once they are written.
        fileprivate mutating func willRemember(_ records: [DeliveredRecord]) -> [Fresh] {
            var fresh: [Fresh] = []
            for index in records.indices {
                let key = records[index].key
                if filter.map({ !$0.mayHold(key) }) ?? false {
                    fresh.append(Fresh(key: key, record: KnownRecord(records[index])))
                } else if standing?.touch(key) == false {
                    giveUpStanding()
                }
                // Within the loop: a key may come twice.
                if filter?.insert(key) == false { filter = nil }
            }
            return fresh
        }

        fileprivate mutating func didRemember(_ records: [Fresh]) {
            for fresh in records { standing?.insert(fresh.key, fresh.record) }
        }
    }

    /// A record that the row surely did not have.
    struct Fresh: Sendable {
        var key: Hash128
        var record: KnownRecord
    }

    func delivered(_ row: Int64, keys: [Hash128]) throws(StateError) -> [Hash128: DeliveredRecord] {
        let keys = sieves[row]?.filter.map { filter in keys.filter(filter.mayHold) } ?? keys
        lookUps += keys.count
        return try read { database throws(SQLiteError) in try database.delivered(row, keys: keys) }
    }

    /// `likely` is what each is when it has not changed.
    func known(_ row: Int64, keys: [Hash128], likely: [KnownRecord]) throws(StateError) -> [KnownRecord?] {
        try readStanding(row, keys.count)
        var known = [KnownRecord?](repeating: nil, count: keys.count)
        var rest: [KeyPlace] = []
        let (standing, filter) = (sieves[row]?.standing, sieves[row]?.filter)
        for index in keys.indices {
            if let generation = standing?.generation(keys[index], likely[index]) {
                known[index] = likely[index]
                known[index]?.generation = generation
            } else if filter?.mayHold(keys[index]) ?? true {
                rest.append(KeyPlace(key: keys[index], index: index))
            }
        }
        guard !rest.isEmpty else { return known }
        lookUps += rest.count
        try read { database throws(SQLiteError) in
            try database.known(rest, row) { index, record in known[index] = record }
        }
        return known
    }

    private func readStanding(_ row: Int64, _ asked: Int) throws(StateError) {
        guard var sieve = sieves[row], sieve.mayStand, sieve.standing == nil else { return }
        sieve.asked += asked
        if sieve.asked >= Self.leastAsked {
            var standing = StandingRecords()
            try read { database throws(SQLiteError) in
                try database.forEachRecord(row, while: { !standing.isFull }) { view, index in
                    standing.insert(view.key(index), view.known(index))
                }
            }
            sieve.standing = standing
            // There is room for one row's.
            for other in sieves.keys where other != row { sieves[other]?.giveUpStanding() }
        }
        sieves[row] = sieve
    }

    /// What stands once the checkpoint is durable.
    func willCommit(_ checkpoint: Checkpoint, _ row: Int64, of stream: StreamID) -> [Fresh] {
        guard sieves[row] != nil else { return [] }
        // It is over: what is kept would be for nobody.
        if stream == checkpoint.stream, checkpoint.run.ended != nil {
            sieves[row] = nil
            return []
        }
        if stream == checkpoint.stream, checkpoint.forgetBetween != nil { sieves[row]?.giveUpStanding() }
        for key in checkpoint.forget[stream] ?? [] where sieves[row]?.standing?.touch(key) == false {
            sieves[row]?.giveUpStanding()
        }
        // Where rows are marked: what a look-up finds is newer.
        for keys in (checkpoint.seen[stream] ?? [:]).values where keys.count < Database.leastListed {
            for key in keys where sieves[row]?.standing?.touch(key) == false { sieves[row]?.giveUpStanding() }
        }
        return sieves[row]?.willRemember(checkpoint.remember[stream] ?? []) ?? []
    }

    /// Only for the holder that wrote them: another one's sieve began with what it found.
    func didCommit(_ records: [Fresh], _ row: Int64, by holder: SQLiteLedger) {
        guard !records.isEmpty, lostHold(holder) == nil else { return }
        sieves[row]?.didRemember(records)
    }

    /// The row is changed otherwise than by its run.
    func willChange(_ row: Int64) { sieves[row]?.giveUpStanding() }
}
