import ConnectorCore

enum RunCommand: Command {
    static let name = "run"
    static let summary = "run the daemon in the foreground, as systemd does"
    static let usage = "run"
    static let options: [Arguments.Option] = []
    static let example = "aitbc-connectord run --config ./config --state ./state"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let configuration = ConfigurationLoader(places: places).load()
        let wiring = Wiring(places: places)
        let events = wiring.events(configuration)
        guard configuration.errors.isEmpty else {
            events.record(.configurationRefused(lines: configuration.errors))
            return .configuration
        }
        for (name, lines) in configuration.disabled { events.record(.connectorDisabled(connector: name, lines: lines)) }
        for line in configuration.warnings { events.record(.configurationWarning(line: line)) }
        guard !configuration.connectors.isEmpty || configuration.disabled.isEmpty else {
            events.record(.configurationRefused(lines: ["every connector is disabled: nothing to run"]))
            return .configuration
        }
        do throws(StateError) {
            let store = try wiring.store(events)
            return await Daemon(wiring, configuration, store, events).run()
        } catch {
            events.record(.stateFailed(error))
            switch error.code {
            // A damaged or newer state needs a person: a restart would not mend it.
            case .corrupt, .newerSchema: return .configuration
            case .inUse: return .temporary
            default: return .stateIO
            }
        }
    }
}
