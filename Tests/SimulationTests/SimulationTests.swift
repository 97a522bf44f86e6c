import ConnectorCore
import Glibc
import Testing

/// Thousands of small worlds, each from one seed. A failing one is replayed with its trace by
/// `SIMULATION_SEED=… swift test --filter SimulationTests`.
@Suite struct SimulationTests {
    /// Seeds of each family; `SIMULATION_COUNT` plays more.
    static let count = environment("SIMULATION_COUNT").flatMap { Int($0) } ?? 1_200

    @Test(arguments: Scenario.Family.allCases)
    func `what the sink has in the end is what the source has`(family: Scenario.Family) {
        if let seed = Self.environment("SIMULATION_SEED").flatMap({ UInt64($0) }) {
            guard Scenario(seed: seed).family == family else { return }
            var simulation = Simulation(seed: seed, isTraced: true)
            #expect(simulation.play() == [])
            return
        }
        var failures = 0
        for number in 0..<Self.count where failures < 3 {
            let seed = Scenario.seed(number, of: family)
            var simulation = Simulation(seed: seed)
            let problems = simulation.play()
            guard !problems.isEmpty else { continue }
            failures += 1
            Issue.record("SIMULATION_SEED=\(seed) (\(family)): \(problems.prefix(3).joined(separator: "; "))")
        }
    }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).flatMap { unsafe String(validatingCString: $0) }
    }
}
