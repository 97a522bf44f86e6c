import Testing

/// Sizes: a file that nobody can hold in their head fails, one that grows is only reported.
struct SizeTests {
    private static let mostLines = 500
    private static let reportedLines = 300

    @Test func `no file is longer than 500 lines`() throws {
        let files = try SourceTree.swiftFiles("Sources") + SourceTree.swiftFiles("Tests")
        for file in files where file.lines.count > Self.reportedLines {
            print("\(file): \(file.lines.count) lines")
            #expect(file.lines.count <= Self.mostLines, "\(file) has \(file.lines.count) lines: split it by aspect")
        }
    }

    @Test func `the daemon's main file has three lines`() throws {
        let main = try #require(try SourceTree.read("Sources/aitbc-connectord/main.swift"))
        #expect(main.lines.count == 3)
    }
}
