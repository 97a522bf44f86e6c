import Testing

@testable import CurlTransport

@Suite struct GzipPeekTests {
    @Test(arguments: [
        (false, ["{}"], GzipPeek.Verdict.plain),
        (false, ["\u{1F}"], .gzip),
        (false, [], .undecided),
        (true, ["1f4\r\n{"], .plain),
        (true, ["1", "f4\r", "\n", "\u{1F}"], .gzip),
        (true, ["1f4\r"], .undecided),
    ])
    func `the first byte of the body decides`(chunked: Bool, pieces: [String], expected: GzipPeek.Verdict) {
        var peek = GzipPeek(chunked: chunked)
        for piece in pieces { peek.take(piece.utf8) }
        #expect(peek.verdict == expected)
    }
}
