package import ConnectorCore

/// Whole lines that travel together.
package struct Batch: Sendable, Equatable {
    /// Each with its line break.
    private(set) var bytes: [UInt8] = []
    /// Where each line ends, behind its line break.
    private(set) var ends: [Int] = []

    init() {}

    /// Lines out of `bytes`; the last one may lack its line break.
    package init(lines: [UInt8]) {
        for line in lines.split(separator: Self.lineBreak) { append(line + [Self.lineBreak]) }
    }

    package var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }
    var byteCount: Int { bytes.count }

    static let lineBreak = UInt8(ascii: "\n")

    /// `line` ends with its line break.
    mutating func append(_ line: ArraySlice<UInt8>) {
        bytes += line
        ends.append(bytes.count)
    }

    /// A line without its line break.
    func line(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<(ends[index] - 1)]
    }

    /// Some of the lines, in their order.
    func picking(_ indices: some Sequence<Int>) -> Batch {
        var picked = Batch()
        for index in indices { picked.append(bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]) }
        return picked
    }

    /// What is sent: the lines as they are, with what the format puts between them.
    package func body(_ format: BatchFormat) -> [UInt8] {
        switch format {
        case .ndjson: return bytes
        case .array: return list(from: "[", to: "]")
        case .records: return list(from: "{\"records\":[", to: "]}")
        }
    }

    private func list(from head: String, to tail: String) -> [UInt8] {
        var body = Array(head.utf8)
        body.reserveCapacity(bytes.count + head.utf8.count + tail.utf8.count)
        let start = body.count
        body += bytes
        for end in ends { body[start + end - 1] = UInt8(ascii: ",") }
        if !isEmpty { body.removeLast() }
        body += tail.utf8
        return body
    }
}

/// Gathers lines until they make a batch.
struct BatchGatherer {
    private let rule: BatchRule
    private var batch = Batch()

    init(_ rule: BatchRule) {
        self.rule = rule
    }

    /// Takes lines from `offset` on, up to a full batch, which is the answer; nil when all were taken and the batch is
    /// not full yet.
    mutating func fill(from lines: [UInt8], at offset: inout Int) -> Batch? {
        while offset < lines.count {
            let end = lines[offset...].firstIndex(of: Batch.lineBreak).map { $0 + 1 } ?? lines.count
            if !batch.isEmpty, batch.byteCount + end - offset > rule.bytes { return take() }
            batch.append(lines[offset..<end])
            offset = end
            if batch.count >= rule.records { return take() }
        }
        return nil
    }

    /// What has come together so far.
    mutating func take() -> Batch? {
        guard !batch.isEmpty else { return nil }
        defer { batch = Batch() }
        return batch
    }
}
