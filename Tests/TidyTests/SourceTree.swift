import Foundation

/// A text file of the package.
struct TextFile: CustomStringConvertible {
    /// Below the package's root, such as `Sources/ConnectorCore/Time/Instant.swift`.
    let path: String
    let lines: [Substring]

    var description: String { path }

    /// The folder below `Sources` or `Tests`.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }

    /// Lines of code with their numbers: comments are left out, also behind code.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().compactMap { index, line in
            let text = line.prefix(upTo: line.firstRange(of: " // ")?.lowerBound ?? line.endIndex)
            return text.drop { $0 == " " }.hasPrefix("//") ? nil : (index + 1, text)
        }
    }
}

/// The package's files as they are on disk.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Folders that git does not keep.
    private static let ignored: Set<String> = [".git", "__pycache__", "quickstart-demo", "state"]

    static func swiftFiles(_ folder: String) throws -> [TextFile] {
        try files().filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(".swift") }
    }

    /// Every text file.
    static func files() throws -> [TextFile] { try paths("").compactMap(read) }

    static func read(_ path: String) throws -> TextFile? {
        let data = try Data(contentsOf: root.appending(path: path))
        guard let text = String(data: data, encoding: .utf8) else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return TextFile(path: path, lines: lines)
    }

    private static func paths(_ folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path())
        return try names.sorted().flatMap { name -> [String] in
            guard !ignored.contains(name), !name.hasPrefix(".build") else { return [] }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            let values = try root.appending(path: path).resourceValues(forKeys: [.isDirectoryKey, .isRegularFileKey])
            if values.isDirectory == true { return try paths(path) }
            return values.isRegularFile == true ? [path] : []
        }
    }
}
