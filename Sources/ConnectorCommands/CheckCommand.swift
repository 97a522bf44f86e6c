import ConnectorCore
import SystemdService

enum CheckCommand: Command {
    static let name = "check"
    static let summary = "read the configuration and report every mistake"
    static let usage = "check [--connect [NAME…] | --examples [NAME…] | --json | --damage]"
    static let options = [
        Arguments.Option("connect", "also ask each connector's server, to prove address and credential"),
        Arguments.Option("examples", "instead try definitions on examples of their APIs' answers, without a network"),
        Arguments.Option("json", "for programs"),
        Arguments.Option(
            "damage",
            "read the whole state instead, and say what of it is damaged; beside the daemon, too"
        ),
    ]
    static let example = "aitbc-connectord check --connect stripe-eu"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let connects = arguments.has("connect")
        let isOne = options.count { arguments.has($0.name) } <= 1
        let tries = arguments.has("examples")
        guard isOne, connects || tries || arguments.operands.isEmpty else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        if tries { return await ExamplesCheck(places, clocks: Wiring(places: places).clocks).run(arguments.operands) }
        // What root may read says nothing of what the service may. The proof itself needs root's view of the secrets.
        if !connects, places.isInstalled {
            do throws(StateError) {
                try ServiceUser.become(ownerOf: places.state)
            } catch {
                Terminal.complain("\(error)")
                return .stateIO
            }
        }
        if arguments.has("damage") { return await checkState(places) }
        var configuration = ConfigurationLoader(places: places, needsSecrets: connects).load()
        configuration.warnings += endings(of: configuration.connectors, Wiring(places: places).clocks.now)
        if connects { return await ConnectionCheck(configuration, Wiring(places: places)).run(arguments.operands) }
        if arguments.has("json") {
            Terminal.say(json(configuration))
        } else {
            Terminal.say(configuration.allLines + configuration.warnings + [summary(configuration)])
        }
        return configuration.allLines.isEmpty ? .success : .configuration
    }

    /// How long before the end of an API's version it is told: time to test another definition, and to roll it out.
    private static let warningOfEnd = Duration.seconds(60 * 86_400)

    private static func endings(of connectors: [ConnectorDefinition], _ now: Instant) -> [String] {
        connectors.compactMap { connector in
            guard let end = connector.apiEnds, now + warningOfEnd > end else { return nil }
            let day = end.iso8601().prefix(10)
            return
                "\(connector.name): the vendor \(now < end ? "ends" : "ended") this version of its API on \(day); update the "
                + "definition, or write its successor's path and api_ends into the connector file when you have tried it"
        }
    }

    private static func checkState(_ places: Places) async -> ExitCode {
        do throws(StateError) {
            let wiring = Wiring(places: places)
            // No damage of the state that is used: its successor reads everything from the start.
            for name in try wiring.setAsideStates() {
                Terminal.complain("\(places.state)/\(name) was damaged and set aside; this is not about it")
            }
            guard let store = try wiring.readOnlyStore() else {
                Terminal.say("there is no state yet in \(places.state)")
                return .success
            }
            let damages = try await store.damages()
            await store.close()
            guard !damages.isEmpty else {
                Terminal.say("the state is as it was written")
                return .success
            }
            for damage in damages { Terminal.complain(damage) }
            let count = Counted.text(damages.count, "damage")
            Terminal.complain("\(count) in \(places.state): \(StateError.damageRemedy)")
        } catch {
            Terminal.complain("\(error)")
        }
        return .stateIO
    }

    private static func summary(_ configuration: Configuration) -> String {
        let streams = configuration.connectors.reduce(0) { $0 + $1.streams.count }
        let count = configuration.connectors.count
        let good =
            "\(Counted.text(count, "connector")) with \(Counted.text(streams, "stream")) \(count == 1 ? "is" : "are") good"
        guard !configuration.allLines.isEmpty else { return good }
        if !configuration.errors.isEmpty { return "nothing would run" }
        let bad = configuration.disabled.map(\.name).joined(separator: ", ")
        return good + (bad.isEmpty ? "; nothing would run" : "; these would be disabled: \(bad)")
    }

    private static func json(_ configuration: Configuration) -> JSONValue {
        .object([
            .init("ok", .bool(configuration.allLines.isEmpty)),
            .init("connectors", .array(configuration.connectors.map { .string($0.name) })),
            .init("disabled", .array(configuration.disabled.map { .string($0.name) })),
            .init("errors", .array(configuration.allLines.map(JSONValue.string))),
            .init("warnings", .array(configuration.warnings.map(JSONValue.string))),
        ])
    }
}
