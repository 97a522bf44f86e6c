import ConnectorCore
import StateStore

enum StatusCommand: Command {
    static let name = "status"
    static let summary = "show every stream: last success, records, last error"
    static let usage = "status [--json]"
    static let options = [Arguments.Option("json", "for programs")]
    static let example = "aitbc-connectord status"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let wiring = Wiring(places: places)
        do throws(StateError) {
            let store = try wiring.readOnlyStore()
            let overview = try await store?.overview() ?? []
            let dead = try await store?.deadLetterCounts() ?? [:]
            let now = wiring.clocks.now
            if arguments.has("json") {
                print(JSONValue.object([.init("streams", .array(overview.map { json($0, dead) }))]).text)
            } else {
                print(text(overview, dead, now))
            }
            return .success
        } catch {
            Terminal.complain("\(error)")
            return .stateIO
        }
    }

    private static func text(_ overview: [StreamOverview], _ dead: [StreamID: Int], _ now: Instant) -> String {
        guard !overview.isEmpty else {
            return (["nothing was synced yet"] + deadLetters(dead)).joined(separator: "\n")
        }
        let head = ["STREAM", "LAST SUCCESS", "LAST RUN", "RECORDS", "DELETED"]
        let rows = overview.map { row in
            [
                row.stream.description, row.lastSuccess.map { "\(ago(now - $0)) ago" } ?? "never",
                row.lastRun?.outcome.rawValue ?? "-", String(row.totalRecords), String(row.totalDeletes),
            ]
        }
        let errors = overview.compactMap { row in row.lastRun?.error.map { "\(row.stream): \($0)" } }
        let notes = deadLetters(dead) + errors
        return ([Terminal.table([head] + rows)] + (notes.isEmpty ? [] : [""] + notes)).joined(separator: "\n")
    }

    /// One line a connector.
    private static func deadLetters(_ dead: [StreamID: Int]) -> [String] {
        let connectors = Dictionary(grouping: dead, by: \.key.connector).sorted { $0.key < $1.key }
        return connectors.map { name, streams in
            let parts = streams.sorted { $0.key < $1.key }.map { "\($0.key.stream) \($0.value)" }
            let count = streams.reduce(0) { $0 + $1.value }
            return
                "\(name): \(Counted.text(count, "dead letter")) (\(parts.joined(separator: ", "))); the journal says why"
        }
    }

    private static func ago(_ span: Duration) -> String {
        span < .seconds(1) ? "0 s" : Duration.seconds(span.components.seconds).friendlyText
    }

    private static func json(_ row: StreamOverview, _ dead: [StreamID: Int]) -> JSONValue {
        func time(_ instant: Instant?) -> JSONValue { instant.map { .string($0.iso8601()) } ?? .null }
        func number(_ value: Int64) -> JSONValue { .number(String(value)) }
        var members: [JSONValue.Member] = [
            .init("connector", .string(row.stream.connector)), .init("stream", .string(row.stream.stream)),
            .init("last_success", time(row.lastSuccess)), .init("records", number(row.totalRecords)),
            .init("deletes", number(row.totalDeletes)),
            .init("dead_letters", number(Int64(dead[row.stream] ?? 0))),
            .init("walk_under_way", .bool(row.state.walk != nil)),
        ]
        if let run = row.lastRun {
            members.append(
                .init(
                    "last_run",
                    .object([
                        .init("id", .string(run.id)), .init("outcome", .string(run.outcome.rawValue)),
                        .init("started", time(run.started)), .init("ended", time(run.ended)),
                        .init("records", number(run.records)), .init("deletes", number(run.deletes)),
                        .init("pages", number(run.pages)), .init("bytes", number(run.bytes)),
                        .init("error", run.error.map(JSONValue.string) ?? .null),
                    ])
                )
            )
        }
        return .object(members)
    }
}
