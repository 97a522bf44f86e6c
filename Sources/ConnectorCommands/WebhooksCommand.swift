import ConnectorConfiguration
import ConnectorCore

enum WebhooksCommand: Command {
    static let name = "webhooks"
    static let summary = "show where processors send their events, and what to enter there"
    static let usage = "webhooks [NAME] [--json]"
    static let options = [Arguments.Option("json", "for programs")]
    static let example = "aitbc-connectord webhooks stripe-eu"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let configuration = ConfigurationLoader(places: places, needsSecrets: false).load()
        Terminal.complain(configuration.allLines)
        guard configuration.errors.isEmpty else { return .configuration }
        let chosen = configuration.connectors.filter { arguments.operands.isEmpty || $0.name == arguments.operands[0] }
        if let name = arguments.operands.first, chosen.first?.webhook == nil {
            Terminal.complain(
                chosen.isEmpty
                    ? UnknownConnector.text(name, among: configuration.connectors.map(\.name))
                    : "\(name) has no webhook; a connector's file asks for it with webhook: { secret: … }"
            )
            return .usage
        }
        do throws(StateError) {
            let store = try Wiring(places: places).readOnlyStore()
            let overview = try await store?.overview() ?? []
            let waiting = try await store?.waitingCounts() ?? [:]
            let live = await StatusReader(places: places).lastEvents()
            let all = chosen.compactMap { Webhook($0, configuration.daemon.listener, overview, waiting, live[$0.name]) }
            if arguments.has("json") {
                Terminal.say(JSONValue.array(all.map(\.json)))
            } else {
                let blocks = all.map(\.lines) + hints(configuration.daemon.listener, all).map { [$0] }
                Terminal.say(all.isEmpty ? ["no connector has a webhook"] : Array(blocks.joined(separator: [""])))
            }
            return .success
        } catch {
            Terminal.complain("\(error)")
            return .stateIO
        }
    }

    private static func hints(_ listener: ListenerConfig?, _ webhooks: [Webhook]) -> [String] {
        guard !webhooks.isEmpty else { return [] }
        guard let listener else {
            return [
                "connectord.json5 has no listener: nothing listens, unless aitbc-connectord.socket passes one. Add listener: {}, "
                    + "or enable that unit."
            ]
        }
        guard listener.publicURL == nil else { return [] }
        return [
            "These URLs are for this machine. Set listener.public_url to your reverse proxy's URL to see what to enter."
        ]
    }
}

/// What one connector's webhook looks like to those who set it up.
private struct Webhook {
    let name: String
    let url: String
    let proof: String
    let types: [String]
    let setup: String?
    let lastEvent: Instant?
    let workedOff: Int64
    let waiting: Int

    init?(
        _ connector: ConnectorDefinition,
        _ listener: ListenerConfig?,
        _ overview: [StreamOverview],
        _ waiting: [StreamID: Int],
        _ arrived: Instant?
    ) {
        guard let rule = connector.webhook else { return nil }
        name = connector.name
        let address = (listener ?? ListenerConfig()).address
        let host = if case .unix = address { "localhost" } else { address.text }
        let path = "/webhooks/\(connector.name)"
        url = listener?.publicURL?.text(below: path) ?? "http://\(host)\(path)"
        proof = rule.allowsUnsigned ? "none: everyone who reaches the listener is believed" : rule.scheme.summary
        types = rule.effects.map(\.types)
        setup = rule.setup
        let own = overview.filter { $0.stream.connector == connector.name && $0.stream.isEvents }
        lastEvent = (own.map(\.lastSuccess) + [arrived]).compactMap { $0 }.max()
        workedOff = own.reduce(0) { $0 + $1.totalRecords + $1.totalDeletes }
        self.waiting = waiting.filter { $0.key.connector == connector.name }.values.reduce(0, +)
    }

    var lines: [String] {
        var lines = [
            name,
            "  URL      \(url)",
            "  proof    \(proof)",
            "  events   \(types.joined(separator: ", "))",
        ]
        if let setup { lines.append("  set up   \(setup)") }
        let last =
            lastEvent.map {
                "last event \($0.iso8601(fractionDigits: 0)), \(Counted.text(workedOff, "record")) changed"
            } ?? (waiting == 0 ? "none came yet" : "none is worked off yet")
        lines.append("  so far   \(last)" + (waiting == 0 ? "" : ", \(waiting) waiting"))
        return lines
    }

    var json: JSONValue {
        .object([
            .init("connector", .string(name)), .init("url", .string(url)), .init("proof", .string(proof)),
            .init("events", .array(types.map(JSONValue.string))), .init("setup", setup.map(JSONValue.string) ?? .null),
            .init("last_event", lastEvent.map { .string($0.iso8601()) } ?? .null),
            .init("changes", .number(String(workedOff))), .init("waiting", .number(String(waiting))),
        ])
    }
}
