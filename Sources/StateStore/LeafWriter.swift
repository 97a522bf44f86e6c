import ConnectorCore

/// Cuts records that come by ascending key into leaves, and stores them. A leaf's number is made of the row's and of the
/// first bits that its keys may have, so that the leaves of a row are neighbours and in the order of their keys.
struct LeafWriter {
    /// So many bytes of packed records fit into one page of the file, beside what SQLite writes there.
    private static let leafSize = 4_032
    /// A file has fewer than 16 million rows: one for each stream and sink.
    private static let prefixBits: Int64 = 39

    let row: Int64
    private let connection: Connection
    /// Of the leaf that is being filled.
    private var number: Int64
    /// The next leaf begins here, if the keys allow it.
    private let enough: Int
    private var packer = PackedRecords.Packer()

    /// `size` is that of all that comes, where it is known: leaves are filled alike.
    init(_ connection: Connection, _ row: Int64, number: Int64, size: Int?) {
        self.connection = connection
        self.row = row
        self.number = number
        let leaves = size.map { ($0 + Self.leafSize - 1) / Self.leafSize }
        enough = leaves.map { $0 < 2 ? .max : (size ?? 0) / $0 } ?? Self.leafSize * 7 / 8
    }

    mutating func copy(_ view: PackedRecords.View, _ index: Int) throws(SQLiteError) {
        try makeRoom(for: view.key(index), text: view.sizeOfText(index))
        packer.copy(view, index)
    }

    mutating func add(_ record: DeliveredRecord) throws(SQLiteError) {
        try makeRoom(for: record.key, text: record.keyText?.utf8.count ?? 0)
        packer.add(record)
    }

    private mutating func makeRoom(for key: Hash128, text: Int) throws(SQLiteError) {
        let isFull = packer.size >= enough || packer.size + PackedRecords.entrySize + text > Self.leafSize
        guard isFull, let last = packer.lastKey else { return }
        let next = Self.number(row, key)
        guard next > Self.number(row, last) else { return }
        try finish()
        number = next
    }

    mutating func finish() throws(SQLiteError) {
        // The first leaf stays, so that every key has one.
        if packer.count == 0, number != Self.first(row) {
            try connection.statement(.dropLeaves).run(.integer(number), .integer(number + 1))
        } else {
            try connection.statement(.putLeaf).run(.integer(number), .bytes(packer.finish().bytes))
        }
    }

    static func first(_ row: Int64) -> Int64 { row << prefixBits }

    static func number(_ row: Int64, _ key: Hash128) -> Int64 {
        first(row) | Int64(key.high >> UInt64(64 - prefixBits))
    }

    /// What a file of an older version remembers, row by row.
    static func takeOverRows(_ connection: Connection) throws(SQLiteError) {
        var writer = LeafWriter(connection, 0, number: 0, size: nil)
        try connection.statement(.rowsOfBefore).each([], while: { true }) { row throws(SQLiteError) in
            if writer.row != row.integer(0) {
                if writer.packer.count > 0 { try writer.finish() }
                writer = LeafWriter(connection, row.integer(0), number: first(row.integer(0)), size: nil)
            }
            try writer.add(
                DeliveredRecord(
                    key: try row.hash(1),
                    content: try row.hash(2),
                    cursor: row.integer(3),
                    generation: row.integer(4),
                    keyText: row.optionalText(5)
                )
            )
        }
        if writer.packer.count > 0 { try writer.finish() }
    }
}
