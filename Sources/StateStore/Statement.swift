import CSQLite
import ConnectorCore

/// A value bound to a parameter.
enum Value {
    case null
    case integer(Int64)
    case text(String)
    case hash(Hash128)
    case bytes([UInt8])

    static func integer(_ value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    static func text(_ value: String?) -> Value { value.map(Value.text) ?? .null }
    static func instant(_ value: Instant?) -> Value { .integer(value?.nanoseconds) }
}

/// A prepared statement. Used on its connection's queue only; always reset when a call returns, so that no read
/// transaction stays open between calls.
@safe
final class Statement {
    private let handle: OpaquePointer
    private let name: String

    /// Takes over `handle`, which `sqlite3_prepare_v3` made.
    init(handle: OpaquePointer, name: String) {
        unsafe self.handle = handle
        self.name = name
    }

    deinit {
        // The code is that of the last step, which was reported then.
        _ = unsafe sqlite3_finalize(handle)
    }

    /// Executes a statement that yields no rows.
    func run(_ values: Value...) throws(SQLiteError) { try run(values) }

    func run(_ values: [Value]) throws(SQLiteError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }

    /// The first row, or nil when there is none.
    func first<Element>(
        _ values: Value...,
        as make: (Row) throws(SQLiteError) -> Element
    ) throws(SQLiteError) -> Element? {
        try first(values, as: make)
    }

    func first<Element>(
        _ values: [Value],
        as make: (Row) throws(SQLiteError) -> Element
    ) throws(SQLiteError) -> Element? {
        defer { reset() }
        try bind(values)
        return try step() ? make(unsafe Row(handle: handle, name: name)) : nil
    }

    /// All rows, in order.
    func rows<Element>(
        _ values: Value...,
        as make: (Row) throws(SQLiteError) -> Element
    ) throws(SQLiteError) -> [Element] {
        defer { reset() }
        try bind(values)
        var found: [Element] = []
        while try step() { found.append(try make(unsafe Row(handle: handle, name: name))) }
        return found
    }

    /// Rows in order, as long as the caller wants another.
    func rows<Element>(
        _ values: Value...,
        while isWanted: () -> Bool,
        as make: (Row) throws(SQLiteError) -> Element
    ) throws(SQLiteError) -> [Element] {
        defer { reset() }
        try bind(values)
        var found: [Element] = []
        while isWanted(), try step() { found.append(try make(unsafe Row(handle: handle, name: name))) }
        return found
    }

    /// Each row in its order, as long as the caller wants another.
    func each(
        _ values: [Value],
        while isWanted: () -> Bool,
        _ body: (Row) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        defer { reset() }
        try bind(values)
        while isWanted(), try step() { try body(unsafe Row(handle: handle, name: name)) }
    }

    // MARK: Without a list of values, for what is done to every record

    func first<Element>(
        _ number: Int64,
        as make: (Row) throws(SQLiteError) -> Element
    ) throws(SQLiteError) -> Element? {
        defer { rewind() }
        try bind(.integer(number), at: 1)
        return try step() ? make(unsafe Row(handle: handle, name: name)) : nil
    }

    private func bind(_ value: Value, at index: Int32) throws(SQLiteError) {
        let code = unsafe value.bind(to: handle, at: index)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Every parameter is bound anew by the next call.
    private func rewind() {
        // Repeats the code of the last step, which was reported then.
        _ = unsafe sqlite3_reset(handle)
    }

    private func bind(_ values: [Value]) throws(SQLiteError) {
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = unsafe value.bind(to: handle, at: index)
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    /// True when a row is there to read, false at the end.
    private func step() throws(SQLiteError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw failure(code)
        }
    }

    private func reset() {
        // Repeats the code of the last step, which was reported then.
        _ = unsafe sqlite3_reset(handle)
        _ = unsafe sqlite3_clear_bindings(handle)
    }

    private func failure(_ code: Int32) -> SQLiteError {
        let words = unsafe sqlite3_errmsg(sqlite3_db_handle(handle))
        return SQLiteError(code: code, message: unsafe words.map { unsafe String(cString: $0) } ?? "", operation: name)
    }
}

extension Value {
    fileprivate func bind(to handle: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .null:
            unsafe sqlite3_bind_null(handle, index)
        case .integer(let value):
            unsafe sqlite3_bind_int64(handle, index, value)
        case .text(let text):
            unsafe connectord_sqlite3_bind_text(handle, index, text, Int32(clamping: text.utf8.count))
        case .hash(let hash):
            // Big-endian, so that SQLite's byte order of keys is the order of the numbers.
            unsafe withUnsafeBytes(of: (hash.high.bigEndian, hash.low.bigEndian)) { bytes in
                unsafe connectord_sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count))
            }
        case .bytes(let bytes):
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe connectord_sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(clamping: bytes.count))
            }
        }
    }
}
