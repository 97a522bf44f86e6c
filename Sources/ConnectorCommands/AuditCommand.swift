import AITBCConnectors
import ConnectorCore

enum AuditCommand: Command {
    static let name = "audit"
    static let summary = "say whether the audit records of a program that uses the SDK are as they were written"
    static let usage = "audit verify FOLDER [--head HASH] [--json]"
    static let options = [
        Arguments.Option("head", value: "HASH", "the last record's hash as it was once: it must still be there"),
        Arguments.Option("json", "for programs"),
    ]
    static let example = "aitbc-connectord audit verify /var/lib/shop/audit"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        guard arguments.operands.count == 2, arguments.operands[0] == "verify" else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        let folder = arguments.operands[1]
        let found: AuditVerification
        do {
            found = try FileAuditLog.verify(folder, head: arguments.value("head"))
        } catch {
            Terminal.complain("\(error)")
            return .stateIO
        }
        if arguments.has("json") {
            Terminal.say(json(found))
        } else {
            for flaw in found.flaws { Terminal.say("\(flaw)".escapingControls()) }
            Terminal.say(words(found))
        }
        // A folder without records is another one, or was emptied.
        return found.isWhole && found.records > 0 ? .success : .failure
    }

    private static func words(_ found: AuditVerification) -> String {
        guard let first = found.first, let last = found.last, let head = found.head else {
            return "there are no audit records here"
        }
        let count = Counted.text(Int(clamping: found.records), "record")
        let verdict = found.isWhole ? "as they were written" : "NOT as they were written"
        return "\(count), \(first) to \(last), \(verdict); the last one's hash is \(head)"
    }

    private static func json(_ found: AuditVerification) -> JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        let flaws = found.flaws.map { flaw in
            JSONValue.object([
                .init("file", .string(flaw.file)), .init("line", number(Int64(flaw.line))),
                .init("problem", .string(flaw.problem)),
            ])
        }
        return [
            "whole": .bool(found.isWhole), "records": number(found.records), "first": number(found.first),
            "last": number(found.last), "head": found.head.map { .string($0) } ?? .null, "flaws": .array(flaws),
        ]
    }
}
