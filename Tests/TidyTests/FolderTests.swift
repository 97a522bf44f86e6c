import Testing

/// The core's folders are layers: who reads one needs to know those below it, and no others.
struct FolderTests {
    private static let core = "Sources/ConnectorCore/"

    /// The folder below the core.
    private static func folder(_ file: TextFile) -> String {
        String(file.path.dropFirst(core.count).prefix { $0 != "/" })
    }

    /// Upper-case words of code, without what is quoted.
    private static func names(_ file: TextFile) -> Set<Substring> {
        Set(file.code.flatMap { line in unquoted(line.text).split { !$0.isLetter && !$0.isNumber } })
            .filter { $0.first?.isUppercase ?? false }
    }

    private static func unquoted(_ line: Substring) -> Substring {
        guard line.contains("\"") else { return line }
        let parts = line.replacing("\\\"", with: "").split(separator: "\"", omittingEmptySubsequences: false)
        return Substring(stride(from: 0, to: parts.count, by: 2).map { parts[$0] }.joined(separator: " "))
    }

    /// The types that a file declares outermost.
    private static func types(_ file: TextFile) -> [Substring] {
        let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
        return file.code.compactMap { line in
            guard line.text.first?.isLetter ?? false else { return nil }
            let words = line.text.split { !$0.isLetter && !$0.isNumber }
            guard let index = words.firstIndex(where: kinds.contains), index + 1 < words.count else { return nil }
            return words[index + 1]
        }
    }

    /// What each folder needs of which other, with one place where it does.
    private static func needs() throws -> [String: [String: String]] {
        let files = try SourceTree.swiftFiles("Sources/ConnectorCore")
        var homes: [Substring: String] = [:]
        for file in files {
            for type in types(file) { homes[type] = folder(file) }
        }
        var needs: [String: [String: String]] = [:]
        for file in files {
            for name in names(file) {
                guard let home = homes[name], home != folder(file) else { continue }
                needs[folder(file), default: [:]][home] = "\(file) needs \(name)"
            }
        }
        return needs
    }

    @Test func `no two folders of the core need each other, by whatever way`() throws {
        var needs = try Self.needs()
        #expect(needs.count > 10)
        // Who needs nobody that is left is a layer; what is left in the end goes in circles.
        while let layer = needs.first(where: { entry in entry.value.keys.allSatisfy { needs[$0] == nil } }) {
            needs[layer.key] = nil
        }
        let circle = needs.mapValues { needed in needed.filter { needs[$0.key] != nil }.values.sorted() }
        #expect(circle.isEmpty, "\(circle.values.flatMap { $0 }.sorted().joined(separator: "; "))")
    }
}
