/// Gathers the mistakes of one configuration load. Shared by all readers of the load and confined to their task: it is
/// deliberately not `Sendable`.
package final class DiagnosticCollector {
    /// Beyond this a file is broken in one systematic way, and more lines only hide the first ones.
    package static let maximumPerFile = 100

    private var kept: [Diagnostic] = []
    /// All, also those beyond the limit, so that each is counted once; the size of a file bounds them.
    private var seen: Set<Diagnostic> = []
    private var countOfFile: [String: Int] = [:]
    private var droppedOfFile: [String: Int] = [:]
    /// Whether anything but warnings was reported; stays right for mistakes beyond the limit.
    package private(set) var hasErrors = false

    package init() {}

    /// Keeps a mistake; the same mistake at the same place is kept once (a definition is read by many connectors).
    package func report(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { hasErrors = true }
        guard seen.insert(diagnostic).inserted else { return }
        let file = diagnostic.location.file
        guard countOfFile[file, default: 0] < Self.maximumPerFile else {
            droppedOfFile[file, default: 0] += 1
            return
        }
        countOfFile[file, default: 0] += 1
        kept.append(diagnostic)
    }

    /// Whether a further mistake of the file would be kept, or only counted.
    func keepsMore(of file: String) -> Bool { countOfFile[file, default: 0] < Self.maximumPerFile }

    package var isEmpty: Bool { kept.isEmpty }

    /// Every kept mistake, by file, line and column.
    package var diagnostics: [Diagnostic] { kept.sorted() }

    /// What to print: a line for each mistake, and after a file's last one `file: … and N more` if some were dropped.
    package var lines: [String] {
        let sorted = diagnostics
        return sorted.indices.flatMap { index in
            let file = sorted[index].location.file
            let isLastOfFile = index + 1 == sorted.count || sorted[index + 1].location.file != file
            guard isLastOfFile, let dropped = droppedOfFile[file] else { return [sorted[index].description] }
            return [sorted[index].description, "\(file): … and \(dropped) more"]
        }
    }
}
