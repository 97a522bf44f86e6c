import Glibc
import Testing

/// Random sources with random definitions, some of which do not fit, read by the shells. A failing seed is replayed with
/// its trace by `SIMULATION_SEED=… swift test --filter LyingSourceTests`.
@Suite struct LyingSourceTests {
    /// `SIMULATION_SEEDS` plays more.
    static let count = number("SIMULATION_SEEDS") ?? 4_000
    /// Each plays its share of the seeds.
    static let shares = 4

    @Test(arguments: 0..<shares)
    func `the sink has what the source has, or the person knows why not`(share: Int) {
        if let seed = Self.number("SIMULATION_SEED") {
            guard seed % Self.shares == share else { return }
            return replay(UInt64(seed))
        }
        var census = Census()
        for seed in stride(from: share, to: Self.count, by: Self.shares) where census.broken < Self.mostTold {
            let scenario = Self.scenario(UInt64(seed))
            var simulation = ShellSimulation(scenario)
            let verdict = simulation.play()
            census.count(verdict, of: scenario)
            guard case .broken(let problems) = verdict, !Self.isSurvey else { continue }
            let misfits = scenario.misfits.map(\.rawValue).sorted()
            Issue.record("SIMULATION_SEED=\(seed) \(misfits): \(problems.prefix(3).joined(separator: "; "))")
        }
        if Self.isSurvey { print(census) }
    }

    /// `SIMULATION_SURVEY=1` plays every kind of misfit, and counts what becomes of each.
    private static let isSurvey = number("SIMULATION_SURVEY") == 1
    private static let mostTold = isSurvey ? Int.max : 5

    private static func scenario(_ seed: UInt64) -> ShellScenario {
        isSurvey ? ShellScenario(seed: seed) { _ in true } : ShellScenario(seed: seed)
    }

    private func replay(_ seed: UInt64) {
        var simulation = ShellSimulation(Self.scenario(seed), isTraced: true)
        let verdict = simulation.play()
        print(verdict)
        if case .broken(let problems) = verdict { Issue.record("\(problems)") }
    }

    @Test func `what is not drawn has its reason`() {
        for (misfit, reason) in Misfit.excluded { #expect(!reason.isEmpty, "\(misfit)") }
    }

    private static func number(_ name: String) -> Int? {
        unsafe getenv(name).flatMap { unsafe String(validatingCString: $0) }.flatMap { Int($0) }
    }
}
