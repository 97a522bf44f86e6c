/// The one pass over a page: checks that it is JSON, cuts white space out, and stops at the members its caller watches.
///
/// Positions are those of the page as it came. White space that was cut so far is `gap`; a position less the gap is
/// where the byte stands, or will stand, in the compact page.
///
/// The grammar is a loop, not a recursion: whether the enclosing containers are objects or arrays is a stack of bits.
struct PageScanner {
    /// Deeper nesting is refused. No API nests deeper than a few dozen; JSON parsers commonly stop between 100 and 1000.
    static let depthMaximum = 512

    /// What the loop expects next.
    enum Step {
        case name
        case value
        case afterValue
    }

    let bytes: PageBytes
    var position = 0
    var compaction = Compaction()
    /// How many containers are open.
    private(set) var depth = 0
    /// The innermost 64 of them, the innermost in bit 0: 1 is an object.
    private var containers: UInt64 = 0
    /// The outer ones, 64 a word, written each time `containers` is full.
    private var outerContainers: InlineArray<8, UInt64> = .init(repeating: 0)
    /// The watched member's name, between its quotes, in the page as it came, and the gap before it.
    private var sourceName = 0..<0
    private var nameGap = 0
    /// Whether the name has no escapes, so that its bytes are its text.
    private(set) var nameIsPlain = true

    init(_ bytes: PageBytes) {
        self.bytes = bytes
    }

    /// Where the watched member's name stands now: white space behind it may have moved it.
    var name: Range<Int> {
        let gap = sourceName.lowerBound < compaction.runStart ? nameGap : 0
        return sourceName.lowerBound - gap..<sourceName.upperBound - gap
    }

    /// Where the current byte stands in the compact page.
    var compactPosition: Int { position - compaction.gap }

    /// Skips a byte order mark and white space. They stay in the page: a leading newline is no reason to move the rest.
    mutating func start() {
        if bytes.halfWord(0) & 0xFF_FFFF == 0xBF_BBEF { position = 3 }
        while Self.isSpace(bytes[position]) { position += 1 }
        compaction.start(at: position)
    }

    /// Checks that nothing but white space follows, and moves the last run. Returns the compact page's length.
    mutating func finish() throws(Fault) -> Int {
        let end = position
        while Self.isSpace(bytes[position]) { position += 1 }
        guard position == bytes.count else { throw Fault(.trailingBytes, at: position) }
        compaction.flush(bytes, upTo: end)
        return end - compaction.gap
    }

    /// Enters the object at the position. True when it has a member; then `firstMember` reads its name.
    mutating func enterObject() throws(Fault) -> Bool {
        try enter(object: true, unlessClosedBy: ASCII.closingBrace)
    }

    /// Enters the array at the position. True when it has an element, which is then at the position.
    mutating func enterArray() throws(Fault) -> Bool {
        try enter(object: false, unlessClosedBy: ASCII.closingBracket)
    }

    /// Goes on to the next element of the entered array, or leaves it.
    mutating func nextElement() throws(Fault) -> Bool {
        var position = position
        defer { self.position = position }
        return try skipCommaOrClose(bytes, &position) == .value
    }

    /// Skips the value at the position.
    @inline(never)
    mutating func skipValue() throws(Fault) {
        _ = try run(from: .value, watching: nil)
    }

    /// Reads on in the entered object to a member whose name the filter lets through: then the name is in `name` and
    /// the position is at its value. False when the object ended and was left.
    @inline(never)
    mutating func nextMember(from step: Step, watching filter: NameFilter) throws(Fault) -> Bool {
        try run(from: step, watching: filter)
    }

    /// The loop. Watching, it goes on in the entered object to the next member that the filter admits, or to the
    /// object's end; else it skips one value.
    @inline(__always)
    private mutating func run(from entry: Step, watching filter: NameFilter?) throws(Fault) -> Bool {
        let bytes = bytes
        let floor = depth
        var step = entry
        // A local stays in a register.
        var position = position
        defer { self.position = position }
        while true {
            if step == .name {
                let watched = depth == floor ? filter : nil
                if try skipName(bytes, &position, watching: watched) { return true }
            }
            if step != .afterValue, let next = try skipScalarOrOpen(bytes, &position) {
                step = next
                continue
            }
            if filter == nil, depth == floor { return false }
            step = try skipCommaOrClose(bytes, &position)
            if filter != nil, depth < floor { return false }
        }
    }

    /// Skips a name and its colon. True when the name is admitted; then it is noted.
    @inline(__always)
    private mutating func skipName(
        _ bytes: PageBytes,
        _ position: inout Int,
        watching filter: NameFilter?
    ) throws(Fault) -> Bool {
        guard bytes[position] == ASCII.quote else { throw Fault(.expectedName, at: position) }
        let start = position + 1
        var plain = true
        position = try Self.skipString(bytes, from: start, plain: &plain)
        let end = position - 1
        var isWatched = false
        if let filter, !plain || filter.admits(bytes, from: start, to: end) {
            isWatched = true
            sourceName = start..<end
            nameIsPlain = plain
            nameGap = compaction.gap
        }
        skipSpace(bytes, &position)
        guard bytes[position] == ASCII.colon else { throw Fault(.expectedColon, at: position) }
        position += 1
        skipSpace(bytes, &position)
        return isWatched
    }

    /// Skips a scalar or an empty container, or enters a container. Then the result is what it begins with.
    @inline(__always)
    private mutating func skipScalarOrOpen(_ bytes: PageBytes, _ position: inout Int) throws(Fault) -> Step? {
        let byte = bytes[position]
        switch byte {
        case ASCII.quote:
            var plain = true
            position = try Self.skipString(bytes, from: position + 1, plain: &plain)
        case ASCII.zero...ASCII.nine, ASCII.minus:
            position = try Self.skipNumber(bytes, from: position)
        case ASCII.openingBrace, ASCII.openingBracket:
            let isObject = byte == ASCII.openingBrace
            try push(object: isObject, at: position)
            position += 1
            skipSpace(bytes, &position)
            // In ASCII a closing bracket is its opening one plus two.
            guard bytes[position] == byte + 2 else { return isObject ? .name : .value }
            position += 1
            pop()
        default:
            position = try Self.skipLiteral(bytes, from: position)
        }
        return nil
    }

    /// Skips what stands behind a value: a comma, or the end of its container.
    @inline(__always)
    private mutating func skipCommaOrClose(_ bytes: PageBytes, _ position: inout Int) throws(Fault) -> Step {
        skipSpace(bytes, &position)
        let isObject = containers & 1
        let byte = bytes[position]
        if byte == ASCII.comma {
            position += 1
            skipSpace(bytes, &position)
            return isObject == 1 ? .name : .value
        }
        // `}` is `]` with bit 5 set.
        guard byte == ASCII.closingBracket | UInt8(truncatingIfNeeded: isObject) << 5 else {
            throw Fault(isObject == 1 ? .expectedCommaOrBrace : .expectedCommaOrBracket, at: position)
        }
        position += 1
        pop()
        return .afterValue
    }

    private mutating func enter(object: Bool, unlessClosedBy closing: UInt8) throws(Fault) -> Bool {
        var position = position
        defer { self.position = position }
        try push(object: object, at: position)
        position += 1
        skipSpace(bytes, &position)
        guard bytes[position] == closing else { return true }
        position += 1
        pop()
        return false
    }

    @inline(__always)
    private mutating func skipSpace(_ bytes: PageBytes, _ position: inout Int) {
        if bytes[position] <= ASCII.space { position = compaction.skipSpace(bytes, at: position) }
    }

    @inline(__always)
    private mutating func push(object: Bool, at position: Int) throws(Fault) {
        guard depth < Self.depthMaximum else { throw Fault(.tooDeep, at: position) }
        if depth & 63 == 0 { outerContainers[depth >> 6] = containers }
        containers = containers << 1 | (object ? 1 : 0)
        depth += 1
    }

    @inline(__always)
    private mutating func pop() {
        depth -= 1
        containers >>= 1
        if depth & 63 == 0 { containers = outerContainers[depth >> 6] }
    }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte == ASCII.newline || byte == ASCII.carriageReturn || byte == ASCII.tab
    }
}

/// Tells most names that nobody watches from the others without reading them: one bit for each watched name.
struct NameFilter: Equatable {
    private(set) var bits: UInt64 = 0

    mutating func insert(_ name: [UInt8]) {
        // What stands in the page at an empty name's first position is its closing quote.
        bits |= Self.bit(first: name.first ?? ASCII.quote, length: name.count)
    }

    @inline(__always)
    func admits(_ bytes: PageBytes, from start: Int, to end: Int) -> Bool {
        bits & Self.bit(first: bytes[start], length: end - start) != 0
    }

    @inline(__always)
    private static func bit(first: UInt8, length: Int) -> UInt64 {
        1 &<< (UInt64(first) &* 7 &+ UInt64(truncatingIfNeeded: length))
    }
}
