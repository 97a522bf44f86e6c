import Foundation
import Testing

/// The rules that `deploy/test-rules` breaks are of code that is there: it takes minutes, and tells of
/// a rule that moved on only then.
struct RuleTests {
    private static let folder = "Tests/Rules"

    /// What a rule's edits look for, and where.
    private static func edits(_ text: String) -> [(file: String, old: String)] {
        text.components(separatedBy: "\n=== is\n").dropLast().enumerated().compactMap { index, before in
            let file = before.split(separator: "\n").last?.dropFirst("=== ".count)
            let rest = text.components(separatedBy: "\n=== is\n")[index + 1]
            guard let file, let end = rest.range(of: "=== becomes\n") else { return nil }
            return (String(file), String(rest[..<end.lowerBound]))
        }
    }

    @Test func `each rule's lines stand once in the file that it names`() throws {
        let files = try SourceTree.files().filter { $0.path.hasPrefix(Self.folder) && $0.path.hasSuffix(".rule") }
        #expect(files.count >= 10)
        for file in files {
            let edits = Self.edits(file.lines.joined(separator: "\n") + "\n")
            #expect(!edits.isEmpty, "\(file) has no edit")
            for edit in edits {
                let source = try #require(try SourceTree.read(edit.file), "\(file): \(edit.file) is no text")
                let places = (source.lines.joined(separator: "\n") + "\n").components(separatedBy: edit.old).count - 1
                #expect(places == 1, "\(file): its lines stand \(places) times in \(edit.file)")
            }
        }
    }
}
