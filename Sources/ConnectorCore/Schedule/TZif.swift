/// Why bytes are not a time zone file that can be used.
package struct TZifError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The binary files of the time zone database (RFC 8536, versions 1 to 4): times at which the offset changes, and a
/// footer with the rule for the years after the last of them.
///
/// The bytes are not trusted: each count is held against the bytes that are there before anything is read.
struct TZif: Equatable {
    /// Unix times at which the offset changes, ascending.
    var transitions: [Int64] = []
    /// For each transition, the offset from then on, in seconds east of UTC.
    var offsets: [Int] = []
    /// Before the first transition.
    var firstOffset: Int = 0
    /// The rule after the last transition; `nil` if the file gives none.
    var footer: POSIXZone?

    init(_ bytes: [UInt8]) throws(TZifError) {
        var reader = Reader(bytes: bytes)
        let first = try TZif.header(&reader)
        if first.version == 0 {
            try readBlock(&reader, first, timeSize: 4)
        } else {
            try reader.skip(first.blockSize(timeSize: 4))
            let second = try TZif.header(&reader)
            try readBlock(&reader, second, timeSize: 8)
            footer = try TZif.footer(&reader)
        }
    }

    private struct Header {
        /// 0 for version 1, else the version's digit.
        var version: UInt8
        var utcFlags: Int
        var standardFlags: Int
        var leaps: Int
        var times: Int
        var types: Int
        var characters: Int

        func blockSize(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standardFlags + utcFlags
        }
    }

    private static func header(_ reader: inout Reader) throws(TZifError) -> Header {
        guard try reader.take(4).elementsEqual("TZif".utf8) else {
            throw TZifError("this is not a time zone file: it does not begin with TZif")
        }
        let version = try reader.integer(1)
        guard version == 0 || version >= 0x32 else { throw TZifError("its version is not one that exists") }
        try reader.skip(15)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(Int(try reader.integer(4))) }
        return Header(
            version: UInt8(truncatingIfNeeded: version),
            utcFlags: counts[0],
            standardFlags: counts[1],
            leaps: counts[2],
            times: counts[3],
            types: counts[4],
            characters: counts[5]
        )
    }

    private mutating func readBlock(_ reader: inout Reader, _ header: Header, timeSize: Int) throws(TZifError) {
        guard header.blockSize(timeSize: timeSize) <= reader.left else { throw TZifError.cutOff }
        guard header.leaps == 0 else {
            throw TZifError("it counts leap seconds (a file of right/), which Unix time does not: use the usual file")
        }
        for _ in 0..<header.times { transitions.append(try reader.signed(timeSize)) }
        guard zip(transitions, transitions.dropFirst()).allSatisfy(<) else {
            throw TZifError("its transitions are not in order")
        }
        let kinds = try reader.take(header.times)
        var types: [Int] = []
        for _ in 0..<header.types { types.append(try TZif.type(&reader)) }
        guard let firstType = types.first else { throw TZifError("it holds no offset") }
        firstOffset = firstType
        for kind in kinds {
            guard types.indices.contains(Int(kind)) else { throw TZifError("a transition names an unknown offset") }
            offsets.append(types[Int(kind)])
        }
        try reader.skip(header.characters + header.standardFlags + header.utcFlags)
    }

    /// RFC 8536 § 3.2: more than a day to either side is no offset.
    private static func type(_ reader: inout Reader) throws(TZifError) -> Int {
        let offset = Int(try reader.signed(4))
        try reader.skip(2)
        guard abs(offset) < POSIXZone.greatestOffset else { throw TZifError("an offset is more than 26 hours") }
        return offset
    }

    private static func footer(_ reader: inout Reader) throws(TZifError) -> POSIXZone? {
        guard try reader.integer(1) == 0x0A else { throw TZifError("its footer does not begin with a new line") }
        let text = reader.rest.prefix { $0 != 0x0A }
        guard text.endIndex < reader.rest.endIndex else { throw TZifError.cutOff }
        guard !text.isEmpty else { return nil }
        guard let zone = POSIXZone(text) else {
            throw TZifError("its footer is no rule: \(String(decoding: text.prefix(40), as: UTF8.self))")
        }
        return zone
    }

    /// Big-endian numbers from the front of what is left.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        init(bytes: [UInt8]) {
            rest = bytes[...]
        }

        var left: Int { rest.count }

        mutating func take(_ count: Int) throws(TZifError) -> ArraySlice<UInt8> {
            guard count <= left else { throw TZifError.cutOff }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }

        mutating func skip(_ count: Int) throws(TZifError) {
            _ = try take(count)
        }

        mutating func integer(_ size: Int) throws(TZifError) -> UInt64 {
            try take(size).reduce(0) { $0 << 8 | UInt64($1) }
        }

        mutating func signed(_ size: Int) throws(TZifError) -> Int64 {
            let bits = Int64(bitPattern: try integer(size))
            let unused = 64 - size * 8
            return (bits << unused) >> unused
        }
    }
}

extension TZifError {
    static let cutOff = TZifError("it ends too early")
}
