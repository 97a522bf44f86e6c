import ConnectorCore

enum CursorsCommand: Command {
    static let name = "cursors"
    static let summary = "show, set or reset the cursors of streams"
    static let usage = "cursors [NAME[/STREAM]] [show | set VALUE --yes | reset --yes]"
    static let options = [
        Arguments.Option("json", "for programs"),
        Arguments.Option("yes", short: "y", "really change the state"),
    ]
    static let example = "aitbc-connectord cursors stripe-eu/charges set 2026-01-31T00:00:00Z --yes"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let wiring = Wiring(places: places)
        let configuration = ConfigurationLoader(places: places, needsSecrets: false).load()
        let verb = arguments.operands.count > 1 ? arguments.operands[1] : "show"
        do throws(StateError) {
            switch (verb, arguments.operands.count) {
            case ("show", 0...2): return try await show(arguments, configuration, wiring)
            case ("set", 3): return try await set(arguments, configuration, wiring)
            case ("reset", 2): return try await reset(arguments, configuration, wiring)
            default:
                Terminal.complain("usage: aitbc-connectord \(usage)")
                return .usage
            }
        } catch {
            Terminal.complain("\(error)")
            return error.code == .inUse ? .temporary : .stateIO
        }
    }

    private static func show(
        _ arguments: Arguments,
        _ configuration: Configuration,
        _ wiring: Wiring
    ) async throws(StateError) -> ExitCode {
        let target = arguments.operands.first.map(Target.init)
        let rows = (try await wiring.readOnlyStore()?.overview() ?? []).filter { target?.includes($0.stream) ?? true }
        if arguments.has("json") {
            Terminal.say(JSONValue.array(rows.map { json($0, configuration) }))
        } else if rows.isEmpty {
            Terminal.say("no cursors")
        } else {
            let head = ["STREAM", "CURSOR", "WALK"]
            let lines = rows.map { row in
                [row.stream.description, shown(row, configuration) ?? "-", row.state.walk == nil ? "-" : "under way"]
            }
            Terminal.say(TerminalLine.table([head] + lines))
        }
        return .success
    }

    private static func rule(_ stream: StreamID, _ configuration: Configuration) -> CursorRule? {
        configuration.connectors.first { $0.name == stream.connector }?.streams.first { $0.id == stream }?.cursor
    }

    private static func shown(_ row: StreamOverview, _ configuration: Configuration) -> String? {
        guard let cursor = row.state.cursor else { return nil }
        return rule(row.stream, configuration)?.format.shown(cursor) ?? String(cursor)
    }

    private static func json(_ row: StreamOverview, _ configuration: Configuration) -> JSONValue {
        .object([
            .init("connector", .string(row.stream.connector)), .init("stream", .string(row.stream.stream)),
            .init("cursor", shown(row, configuration).map(JSONValue.string) ?? .null),
            .init("walk_under_way", .bool(row.state.walk != nil)),
        ])
    }

    private static func set(
        _ arguments: Arguments,
        _ configuration: Configuration,
        _ wiring: Wiring
    ) async throws(StateError) -> ExitCode {
        let target = Target(arguments.operands[0])
        guard let stream = target.stream, let rule = rule(stream, configuration) else {
            Terminal.complain(
                "\(arguments.operands[0]) is no configured stream with a cursor; name it as CONNECTOR/STREAM"
            )
            return .usage
        }
        let text = arguments.operands[2]
        guard let value = CursorText.value(text, rule, now: wiring.clocks.now) else {
            Terminal.complain("\"\(text)\" is no cursor of \(stream): \(CursorText.expected(rule))")
            return .usage
        }
        guard confirmed(arguments, "set the cursor of \(stream) to \(rule.format.shown(value))") else { return .usage }
        guard let sink = wiring.sinkIdentity(of: stream, configuration) else {
            Terminal.complain("connectord.json5 does not say where the sink of \(stream) is; correct that first")
            return .configuration
        }
        let store = try wiring.store(wiring.events(configuration))
        let ledger = try await store.openLedger(LedgerOpening(stream: stream, sinks: [stream: sink], owner: name))
        var state = try await ledger.state(of: stream) ?? StreamState()
        (state.cursor, state.walk) = (value, nil)
        try await ledger.rebase(to: state, forgetting: .ties)
        await store.close()
        Terminal.say("\(stream): the next sync begins at \(rule.format.shown(value))")
        return .success
    }

    private static func reset(
        _ arguments: Arguments,
        _ configuration: Configuration,
        _ wiring: Wiring
    ) async throws(StateError) -> ExitCode {
        let target = Target(arguments.operands[0])
        let store = try wiring.store(wiring.events(configuration))
        let streams = try await store.overview().map(\.stream).filter(target.includes)
        guard !streams.isEmpty else {
            await store.close()
            Terminal.complain("\(arguments.operands[0]) has no state")
            return .usage
        }
        let names = streams.map(\.description).joined(separator: ", ")
        let isConfirmed = confirmed(
            arguments,
            "forget what was synced of \(names), so that everything is delivered again"
        )
        if isConfirmed {
            for stream in streams {
                try await store.reset(stream, sink: wiring.sinkIdentity(of: stream, configuration))
            }
            Terminal.say("\(names): the next sync begins anew")
        }
        await store.close()
        return isConfirmed ? .success : .usage
    }

    private static func confirmed(_ arguments: Arguments, _ what: String) -> Bool {
        if arguments.has("yes") { return true }
        Terminal.complain("this would \(what); add --yes to do it")
        return false
    }
}

/// `NAME` or `NAME/STREAM` on a command line.
struct Target {
    let connector: String
    let name: String?

    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        connector = String(parts[0])
        name = parts.count > 1 ? String(parts[1]) : nil
    }

    var stream: StreamID? { name.map { StreamID(connector: connector, stream: $0) } }

    func includes(_ stream: StreamID) -> Bool {
        stream.connector == connector && (name == nil || name == stream.stream)
    }
}

/// A cursor as a person writes it.
enum CursorText {
    /// A time where the cursor is one, not later than a day from now; else an integer.
    static func value(_ text: String, _ rule: CursorRule, now: Instant) -> Int64? {
        guard rule.format.isTime else { return Int64(text) }
        guard let instant = Instant(iso8601: text), instant < now + .seconds(86_400) else { return nil }
        return instant.nanoseconds
    }

    static func expected(_ rule: CursorRule) -> String {
        rule.format.isTime ? "write a time that is not in the future, such as 2026-01-31T12:00:00Z" : "write an integer"
    }
}
