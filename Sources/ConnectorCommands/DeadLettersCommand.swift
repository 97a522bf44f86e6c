import ConnectorCore

enum DeadLettersCommand: Command {
    static let name = "dead-letters"
    static let summary = "list, show, replay or drop what a sink refused for good"
    static let usage = "dead-letters [list | show | replay | drop] [NUMBER | NAME[/STREAM]] [--yes] [--json]"
    static let options = [
        Arguments.Option("json", "for programs"),
        Arguments.Option("yes", short: "y", "really send again, or forget"),
    ]
    static let example = "aitbc-connectord dead-letters replay stripe-eu/charges --yes"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let verb = arguments.operands.first ?? "list"
        let needsTarget = verb == "show" || verb == "replay" || verb == "drop"
        guard verb == "list" || needsTarget, arguments.operands.count <= 2,
            !needsTarget || arguments.operands.count == 2
        else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        let choice = arguments.operands.count > 1 ? Choice(arguments.operands[1]) : .all
        let wiring = Wiring(places: places)
        do throws(StateError) {
            switch verb {
            case "replay", "drop": return try await change(verb, choice, arguments, wiring)
            default: return try await show(choice, isWhole: verb == "show", arguments, wiring)
            }
        } catch {
            Terminal.complain("\(error)")
            return error.code == .inUse ? .temporary : .stateIO
        }
    }

    /// Which letters.
    private enum Choice {
        case all
        case number(Int64)
        case target(Target)

        init(_ text: String) {
            self = Int64(text).map(Choice.number) ?? .target(Target(text))
        }

        func includes(_ kept: KeptDeadLetter) -> Bool {
            switch self {
            case .all: true
            case .number(let number): kept.number == number
            case .target(let target): target.includes(kept.letter.stream)
            }
        }
    }

    /// Letters are read in steps: each may be large.
    private static let step = 200

    private static func letters(_ choice: Choice, _ store: any StateKeeper) async throws(StateError) -> [KeptDeadLetter]
    {
        var all: [KeptDeadLetter] = []
        var after: Int64 = 0
        while true {
            let some = try await store.deadLetters(limit: step, after: after)
            guard let last = some.last else { return all }
            all += some.filter(choice.includes)
            after = last.number
        }
    }

    // MARK: Looking

    private static func show(
        _ choice: Choice,
        isWhole: Bool,
        _ arguments: Arguments,
        _ wiring: Wiring
    ) async throws(StateError) -> ExitCode {
        var found: [KeptDeadLetter] = []
        if let store = try wiring.readOnlyStore() { found = try await letters(choice, store) }
        if arguments.has("json") {
            for kept in found { Terminal.say(json(kept)) }
        } else if found.isEmpty {
            Terminal.say("no dead letters")
        } else if isWhole {
            show(found)
        } else {
            let rows = found.map { kept in
                [
                    String(kept.number), kept.letter.stream.description, kept.letter.key,
                    kept.letter.at.iso8601(fractionDigits: 0),
                    kept.isDamaged ? DeadLetterReplay.damaged : kept.letter.reason,
                ]
            }
            Terminal.say(TerminalLine.table([["NUMBER", "STREAM", "KEY", "SINCE", "REASON"]] + rows))
        }
        return found.isEmpty && isWhole ? .failure : .success
    }

    private static func show(_ found: [KeptDeadLetter]) {
        for (number, kept) in found.enumerated() {
            let letter = kept.letter
            let code = letter.code.map { " (\($0))" } ?? ""
            let what = "\(kept.number)  \(letter.stream) \(letter.operation) \(letter.key)"
            if number > 0 { Terminal.say("") }
            Terminal.say(["\(what), \(letter.at.iso8601(fractionDigits: 0))", letter.reason + code])
            if kept.isDamaged { Terminal.say(DeadLetterReplay.damaged) }
            Terminal.sayJSON(String(decoding: letter.line, as: UTF8.self))
        }
    }

    private static func json(_ kept: KeptDeadLetter) -> JSONValue {
        let letter = kept.letter
        return .object([
            .init("number", .number(String(kept.number))), .init("connector", .string(letter.stream.connector)),
            .init("stream", .string(letter.stream.stream)), .init("op", .string(letter.operation)),
            .init("id", (try? JSONValue(parsing: Array(letter.key.utf8))) ?? .null),
            .init("since", .string(letter.at.iso8601())), .init("reason", .string(letter.reason)),
            .init("code", letter.code.map(JSONValue.string) ?? .null),
            .init("damaged", .bool(kept.isDamaged)),
            .init("line", .string(String(decoding: letter.line, as: UTF8.self))),
        ])
    }

    // MARK: Changing

    private static func change(
        _ verb: String,
        _ choice: Choice,
        _ arguments: Arguments,
        _ wiring: Wiring
    ) async throws(StateError) -> ExitCode {
        // Before the state is opened: root's own identity, which reads secrets, ends there.
        let configuration = ConfigurationLoader(places: wiring.places, needsSecrets: verb == "replay").load()
        let store = try wiring.store(wiring.events(configuration))
        let found = try await letters(choice, store)
        let count = Counted.text(found.count, "dead letter")
        let code: ExitCode
        if found.isEmpty {
            Terminal.complain("there are none for \(arguments.operands[1])")
            code = .usage
        } else if !arguments.has("yes") {
            let what = verb == "drop" ? "forget \(count) for good" : "send \(count) again"
            Terminal.complain("this would \(what); add --yes to do it")
            code = .usage
        } else if verb == "drop" {
            try await store.removeDeadLetters(found.map(\.number))
            Terminal.say("\(count) dropped")
            code = .success
        } else {
            let replay = DeadLetterReplay(wiring, configuration, store)
            let outcome = try await replay.send(found)
            Terminal.complain(outcome.kept)
            Terminal.say("\(outcome.settled) of \(count) settled")
            code = outcome.kept.isEmpty ? .success : .failure
        }
        await store.close()
        return code
    }
}
