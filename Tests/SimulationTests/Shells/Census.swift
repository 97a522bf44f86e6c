/// What became of many seeds, by what did not fit.
struct Census: CustomStringConvertible {
    private struct Row {
        var whole = 0
        var refused = 0
        var doubted = 0
        var broken: [UInt64] = []
        var problem = ""
    }

    private var rows: [String: Row] = [:]
    private(set) var broken = 0

    mutating func count(_ verdict: ShellSimulation.Verdict, of scenario: ShellScenario) {
        let name =
            scenario.misfits.isEmpty ? "honest" : scenario.misfits.map(\.rawValue).sorted().joined(separator: "+")
        var row = rows[name, default: Row()]
        switch verdict {
        case .whole: row.whole += 1
        case .refused: row.refused += 1
        case .doubted: row.doubted += 1
        case .broken(let problems):
            broken += 1
            if row.problem.isEmpty { row.problem = problems.first ?? "" }
            row.broken.append(scenario.seed)
        }
        rows[name] = row
    }

    var description: String {
        rows.sorted { $0.key < $1.key }.map { name, row in
            let figures =
                "\(row.whole) whole, \(row.refused) refused, \(row.doubted) doubted, \(row.broken.count) broken"
            return "CENSUS \(name): \(figures) \(row.broken.prefix(4)) \(row.problem)"
        }.joined(separator: "\n")
    }
}
