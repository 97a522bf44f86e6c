import ConnectorCore

/// The header fields of former answers, by their place: a server's next answer mostly has the same, and then none of their
/// text is made again. Used by the curl thread only.
final class FieldMemory {
    /// Further fields are read anew each time, and so are longer lines.
    static let most = 32
    static let longest = 256

    private var fields: [(line: [UInt8], field: TransportHeaders.Field)?] = Array(repeating: nil, count: most)

    /// The field that this line was, when it came last at this place.
    func field(_ line: some Collection<UInt8>, at place: Int) -> TransportHeaders.Field? {
        guard place < Self.most, let known = fields[place], known.line.count == line.count else { return nil }
        // By index: an iterator of unknown bytes costs more than the comparison.
        var index = line.startIndex
        for byte in known.line {
            guard line[index] == byte else { return nil }
            line.formIndex(after: &index)
        }
        return known.field
    }

    func remember(_ field: TransportHeaders.Field, _ line: some Collection<UInt8>, at place: Int) {
        guard place < Self.most, line.count <= Self.longest else { return }
        fields[place] = (Array(line), field)
    }
}
