import ConnectorConfiguration
import ConnectorCore

enum DefinitionsCommand: Command {
    static let name = "definitions"
    static let summary = "list the systems that are known, or what is known of one"
    static let usage = "definitions [NAME] [--json]"
    static let options = [Arguments.Option("json", "for programs")]
    static let example = "aitbc-connectord definitions chargebee"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        guard arguments.operands.count <= 1 else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        let (definitions, mistakes) = ConfigurationLoader(places: places).definitionsAndMistakes()
        Terminal.complain(mistakes)
        guard mistakes.isEmpty else { return .configuration }
        guard !definitions.isEmpty else {
            Terminal.complain("\(places.definitions) has no definitions; name their directory with --definitions")
            return .configuration
        }
        let all = definitions.sorted { $0.key < $1.key }.map { DefinitionSummary($0.key, $0.value) }
        guard let name = arguments.operands.first else {
            if arguments.has("json") {
                Terminal.say(["definitions": .array(all.map(\.json))] as JSONValue)
            } else {
                let rows = all.map { [$0.name, $0.description, String($0.streams.count), $0.verified] }
                Terminal.say(TerminalLine.table([["DEFINITION", "WHAT IT IS", "STREAMS", "VERIFIED BY"]] + rows))
            }
            return .success
        }
        guard let summary = all.first(where: { $0.name == name }) else {
            Terminal.complain(UnknownDefinition.text(name, among: definitions.keys))
            return .usage
        }
        if arguments.has("json") { Terminal.say(summary.json) } else { Terminal.say(text(summary)) }
        return .success
    }

    private static func text(_ summary: DefinitionSummary) -> [String] {
        var facts = [["verified by", summary.verified], ["proof of identity", summary.auth]]
        if let version = summary.apiVersion { facts.append(["version of the API", version]) }
        if let end = summary.apiEnds { facts.append(["it ends", end]) }
        if let rate = summary.rateLimit { facts.append(["requests a second", rate]) }
        if !summary.environments.isEmpty {
            facts.append(["environments", summary.environments.joined(separator: ", ")])
        }
        facts += summary.settings.map { ["setting \($0.name)", $0.meaning] }
        if let events = summary.events { facts.append(["webhook", events.joined(separator: " ")]) }
        if !summary.operations.isEmpty { facts.append(["operations", summary.operations.joined(separator: " ")]) }
        let rows = summary.streams.map { [$0.name, $0.cursor ?? "everything each time", $0.paging, $0.deletions] }
        let streams =
            rows.isEmpty
            ? ["no streams: the connector file names them"]
            : TerminalLine.table([["STREAM", "WHAT IS NEW, BY", "PAGES", "DELETIONS"]] + rows)
        return ["\(summary.name): \(summary.description)", ""] + TerminalLine.table(facts) + [""] + streams
            + ["", "make a connector of it: aitbc-connectord init NAME --definition \(summary.name)"]
    }
}
