import Foundation
import Testing

/// README stays a README; the reference is the source of the manual pages, in a form that a test can read.
struct DocumentationTests {
    private static let mostBytes = 16 << 10
    private static let pages = ["aitbc-connectord.8", "aitbc-connectord.json5.5", "aitbc-connector.5"]

    @Test func `README has at most 16 KB`() throws {
        let bytes = try Data(contentsOf: SourceTree.root.appending(path: "README.md")).count
        #expect(bytes <= Self.mostBytes, "README.md has \(bytes) bytes: the reference is in deploy/man")
    }

    @Test func `README's links lead to files`() throws {
        let readme = try #require(try SourceTree.read("README.md"))
        let targets = readme.lines.flatMap { $0.matches(of: /\]\(([^)#]+)\)/).map(\.output.1) }
        #expect(targets.count >= Self.pages.count)
        for target in targets where !target.contains("://") {
            let url = SourceTree.root.appending(path: String(target))
            #expect(FileManager.default.fileExists(atPath: url.path()), "\(target)")
        }
    }

    @Test(arguments: pages)
    func `a manual page says its name and section first`(page: String) throws {
        let text = try #require(try SourceTree.read("deploy/man/\(page).md"))
        let parts = page.split(separator: ".")
        #expect(text.lines.first == "# \(parts.dropLast().joined(separator: "."))(\(parts.last ?? ""))")
        #expect(text.lines.contains("## Name") && text.lines.contains("## See also"))
    }

    /// `### Keys of …` is followed by a table with a row a key, the key alone in its first column.
    @Test(arguments: pages)
    func `the reference has a row a key`(page: String) throws {
        let text = try #require(try SourceTree.read("deploy/man/\(page).md"))
        var heading: Substring?
        var keys: Set<Substring> = []
        for line in text.lines {
            if line.hasPrefix("#") {
                heading = line.hasPrefix("### Keys of ") ? line : nil
                keys = []
            }
            guard let heading, line.hasPrefix("| "), !line.hasPrefix("| Key ") else { continue }
            let row = line.firstMatch(of: /^\| `([a-z0-9_]+)` \| ?(.*?) ?\| (.+) \|$/)
            #expect(row != nil, "\(heading): \(line)")
            if let key = row?.output.1 { #expect(keys.insert(key).inserted, "\(heading): \(key) comes twice") }
        }
    }

    @Test func `the reference has a row a doubt`() throws {
        let source = try #require(try SourceTree.read("Sources/ConnectorCore/Sync/Doubt.swift"))
        let page = try #require(try SourceTree.read("deploy/man/aitbc-connectord.8.md"))
        let cases = source.lines.compactMap { $0.wholeMatch(of: #/\s{8}case (\w+)(?: = "(\w+)")?/#)?.output }
        let names = cases.map { $0.2 ?? $0.1 }
        #expect(names.count > 10)
        for name in names { #expect(page.lines.contains { $0.hasPrefix("| `\(name)` | ") }, "\(name)") }
    }
}
