/// Looks at the first byte of a body labelled gzip, before libcurl tries to decode it.
///
/// Some servers label plain JSON as gzip. libcurl would end the transfer; a gzip member always begins with 0x1f
/// (RFC 1952 § 2.3.1), which no text does, so one byte decides.
struct GzipPeek {
    enum Verdict {
        case undecided
        case gzip
        case plain
    }

    private(set) var verdict = Verdict.undecided
    /// libcurl shows the bytes before it removes the chunked framing: the first line is then the chunk's size.
    private var insideChunkSize: Bool

    init(chunked: Bool) {
        insideChunkSize = chunked
    }

    mutating func take(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where verdict == .undecided {
            if insideChunkSize {
                insideChunkSize = byte != UInt8(ascii: "\n")
            } else {
                verdict = byte == 0x1F ? .gzip : .plain
            }
        }
    }
}
