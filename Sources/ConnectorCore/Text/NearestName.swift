/// Finds the name that a person most likely meant.
package enum NearestName {
    /// A name longer than this is not a slip of the keyboard; it also bounds the work.
    private static let maximumLength = 64

    /// The closest of the names, if it is close: about one slip for every three characters. Letter case and the choice
    /// of `-` or `_` cost nothing. Of two equally close ones the first wins.
    package static func of(_ written: String, among names: some Sequence<String>) -> String? {
        let folded = fold(written)
        guard !folded.isEmpty, folded.count <= maximumLength else { return nil }
        var best: (name: String, distance: Int)?
        for name in names where name.utf8.count <= maximumLength {
            let distance = distance(folded, fold(name))
            guard distance <= max(1, folded.count / 3), distance < name.count else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (name, distance) }
        }
        return best?.name
    }

    /// Edits between two texts: insert, delete, replace, or swap two neighbours (optimal string alignment).
    package static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let same = left[row - 1] == right[column - 1]
                var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
                let swapped =
                    row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1]
                if swapped { cost = min(cost, beforeLast[column - 2] + 1) }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }

    private static func fold(_ name: String) -> [Character] {
        name.lowercased().map { $0 == "-" ? "_" : $0 }
    }
}
