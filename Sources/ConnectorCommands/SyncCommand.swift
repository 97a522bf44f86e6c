import ConnectorCore

enum SyncCommand: Command {
    static let name = "sync"
    static let summary = "sync one connector, or one of its streams, now"
    static let usage = "sync NAME[/STREAM] [--full] [--since TIME] [--accept-deletes] [--json]"
    static let options = [
        Arguments.Option(
            "full",
            "read everything again; deliver what differs, or all of it where only ties are remembered"
        ),
        Arguments.Option("since", value: "TIME", "begin at TIME instead of at the cursor"),
        Arguments.Option("accept-deletes", "also deliver deletions that are held because they are many"),
        Arguments.Option("json", "one JSON object a stream"),
    ]
    static let example = "aitbc-connectord sync stripe-eu/charges"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        guard let operand = arguments.operands.first, arguments.operands.count == 1 else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        // The daemon has the secrets; only a sync without one needs them here.
        var configuration = ConfigurationLoader(places: places, needsSecrets: false).load()
        let target = Target(operand)
        guard let connector = chosen(target, configuration) else { return .configuration }
        guard let streams = streams(target, connector, arguments) else { return .usage }
        let wiring = Wiring(places: places)
        var wishes: [(stream: StreamDefinition, options: SyncOptions)] = []
        for stream in streams {
            guard let options = options(stream, arguments, wiring.clocks.now) else { return .usage }
            wishes.append((stream, options))
        }
        let report = SyncReport(redactor: configuration.redactor, isJSON: arguments.has("json"), clocks: wiring.clocks)
        do throws(ControlClient.NoDaemon) {
            return try await SyncByDaemon(streams: wishes.map { ($0.stream.id, $0.options) }, report: report)
                .run(ControlClient(places: places))
        } catch {
            guard error.isAbsent else {
                Terminal.complain("the running daemon gives no answer: \(error.reason)")
                return .unavailable
            }
        }
        configuration = ConfigurationLoader(places: places).load()
        guard let complete = chosen(target, configuration) else { return .configuration }
        return await SyncAlone(
            connector: complete,
            streams: wishes,
            configuration: configuration,
            wiring: wiring,
            report: report
        ).run()
    }

    static func chosen(_ target: Target, _ configuration: Configuration) -> ConnectorDefinition? {
        if let connector = configuration.connectors.first(where: { $0.name == target.connector }),
            configuration.errors.isEmpty
        {
            return connector
        }
        let lines = configuration.errors + (configuration.disabled.first { $0.name == target.connector }?.lines ?? [])
        let names = configuration.connectors.map(\.name)
        Terminal.complain(lines.isEmpty ? [UnknownConnector.text(target.connector, among: names)] : lines)
        return nil
    }

    private static func streams(
        _ target: Target,
        _ connector: ConnectorDefinition,
        _ arguments: Arguments
    ) -> [StreamDefinition]? {
        var streams = connector.streams
        if let name = target.name { streams = streams.filter { $0.id.stream == name } }
        guard !streams.isEmpty else {
            let known = connector.streams.map(\.id.stream).joined(separator: ", ")
            Terminal.complain("\(connector.name) has no stream \(target.name ?? ""); it has \(known)")
            return nil
        }
        // A feed first: what it marks as its beginning must lie before what the lists read.
        return streams.filter { $0.feed != nil } + streams.filter { $0.feed == nil }
    }

    private static func options(_ stream: StreamDefinition, _ arguments: Arguments, _ now: Instant) -> SyncOptions? {
        let accepts = arguments.has("accept-deletes")
        guard let text = arguments.value("since") else {
            return SyncOptions(full: arguments.has("full"), acceptsDeletes: accepts)
        }
        guard !accepts else {
            Terminal.complain("--accept-deletes reads everything, and --since a part: choose one")
            return nil
        }
        guard let rule = stream.cursor, let value = CursorText.value(text, rule, now: now) else {
            let expected = stream.cursor.map(CursorText.expected) ?? "the stream has no cursor"
            Terminal.complain("\(stream.id): --since \(text): \(expected)")
            return nil
        }
        return SyncOptions(full: false, since: value)
    }
}
