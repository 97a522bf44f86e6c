import CSQLite
import ConnectorCore

/// The row a statement stands on; valid only within the closure that receives it. Columns count from 0.
@safe
struct Row {
    private let handle: OpaquePointer
    private let name: String

    init(handle: OpaquePointer, name: String) {
        unsafe self.handle = handle
        self.name = name
    }

    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    func instant(_ column: Int32) -> Instant? {
        optionalInteger(column).map(Instant.init(nanoseconds:))
    }

    func text(_ column: Int32) -> String {
        optionalText(column) ?? ""
    }

    func optionalText(_ column: Int32) -> String? {
        // The pointer is asked for before the length: the call may convert the column's encoding.
        guard let start = unsafe sqlite3_column_text(handle, column) else { return nil }
        let bytes = unsafe UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    func hash(_ column: Int32) throws(SQLiteError) -> Hash128 {
        guard unsafe sqlite3_column_bytes(handle, column) == 16, let start = unsafe sqlite3_column_blob(handle, column)
        else { throw SQLiteError.damaged("a hash of other than 16 bytes in column \(column)", during: name) }
        let high = unsafe UInt64(bigEndian: start.loadUnaligned(as: UInt64.self))
        let low = unsafe UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        return Hash128(high: high, low: low)
    }

    /// Many hashes behind one another.
    func hashes(_ column: Int32) -> [Hash128] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        return unsafe (0..<Int(sqlite3_column_bytes(handle, column)) / 16).map { index in
            let high = unsafe UInt64(bigEndian: start.loadUnaligned(fromByteOffset: index * 16, as: UInt64.self))
            let low = unsafe UInt64(bigEndian: start.loadUnaligned(fromByteOffset: index * 16 + 8, as: UInt64.self))
            return Hash128(high: high, low: low)
        }
    }

    func bytes(_ column: Int32) -> [UInt8] {
        // The pointer is asked for before the length, as for texts; an empty blob has none.
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Records behind one another; the view is valid only within `body`.
    func packed<Result>(
        _ column: Int32,
        _ body: (PackedRecords.View) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
        return try unsafe body(PackedRecords.View(stored: bytes, name))
    }

    private func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }
}
