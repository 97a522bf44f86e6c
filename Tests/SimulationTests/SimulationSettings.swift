import Glibc
import Testing

/// What the environment asks of the simulations.
enum SimulationSettings {
    /// `SIMULATION_SEED`: only this one, with its trace.
    static let seed = number("SIMULATION_SEED").map { UInt64($0) }
    /// `SIMULATION_SEEDS`: how many are played, of all kinds together.
    static let seeds = number("SIMULATION_SEEDS") ?? 4_000
    /// `SIMULATION_SURVEY=1` plays also what is known to break, and counts what becomes of each kind.
    static let isSurvey = number("SIMULATION_SURVEY") == 1

    static func replay(_ scenario: ShellScenario) {
        var simulation = ShellSimulation(scenario, isTraced: true)
        let verdict = simulation.play()
        print(verdict)
        if case .broken(let problems) = verdict { Issue.record("\(problems)") }
    }

    private static func number(_ name: String) -> Int? {
        unsafe getenv(name).flatMap { unsafe String(validatingCString: $0) }.flatMap { Int($0) }
    }
}
