import AITBCConnectors
import ConnectorCore
import ConnectorCrypto
import ConnectorDaemon

enum ExecCommand: Command {
    static let name = "exec"
    static let summary = "run one operation of a connector"
    static let usage = "exec NAME [OPERATION [JSON | -]] [--idempotency-key KEY] [--dry-run]"
    static let options = [
        Arguments.Option("idempotency-key", value: "KEY", "the same key twice is the same operation"),
        Arguments.Option("dry-run", "show the request, without credentials, and send nothing"),
    ]
    static let example = #"aitbc-connectord exec stripe-eu create_refund '{"charge": "ch_1", "amount": 500}'"#

    /// Of the data on standard input: an operation's fields are few.
    private static let mostInput = 1 << 20

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let operands = arguments.operands
        guard (1...3).contains(operands.count) else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        let configuration = ConfigurationLoader(places: places).load()
        guard let connector = SyncCommand.chosen(Target(operands[0]), configuration) else {
            return .configuration
        }
        guard operands.count > 1 else {
            let names = Set(connector.operations.keys).union(ConnectorEngine.commonOperations)
            Terminal.say(names.sorted())
            return .success
        }
        guard let data = data(operands.count > 2 ? operands[2] : "{}") else { return .usage }
        let wiring = Wiring(places: places)
        do {
            let engine = try wiring.engine(connector, configuration)
            let code = await run(engine, operands[1], data, arguments, configuration.redactor)
            await engine.close()
            return code
        } catch {
            Terminal.complain("\(error)")
            return .internal
        }
    }

    private static func data(_ text: String) -> JSONValue? {
        let bytes = text == "-" ? Terminal.standardInput(most: mostInput) : Array(text.utf8)
        guard let bytes else {
            Terminal.complain("standard input holds more than \(mostInput) bytes")
            return nil
        }
        do throws(JSONError) {
            let data = try JSONValue(parsing: bytes)
            guard let name = data.repeatedName else { return data }
            Terminal.complain("the data has \"\(name)\" twice: which one counts? Nothing was sent")
            return nil
        } catch {
            Terminal.complain("the data is \(error); write one JSON object in quotes")
            return nil
        }
    }

    private static func run(
        _ engine: ConnectorEngine,
        _ operation: String,
        _ data: JSONValue,
        _ arguments: Arguments,
        _ redactor: Redactor
    ) async -> ExitCode {
        let key = arguments.value("idempotency-key") ?? RandomBytes.uuid()
        do {
            if arguments.has("dry-run") {
                let request = try engine.preview(operation, data, key: key)
                Terminal.say(shown(request, key).map(redactor.redact))
                return .success
            }
            let bearsKey = engine.bearsKey(operation, data)
            if bearsKey { Terminal.complain("idempotency key: \(key)") }
            let result = try await engine.perform(operation, data, key: bearsKey ? key : nil)
            Terminal.sayJSON(redactor.redact(result.text))
            return .success
        } catch {
            Terminal.complain(redactor.redact("\(error)"))
            if let failure = error as? any AITBCError, !failure.details.isNull {
                Terminal.complain(redactor.redact("details: \(CardMask.masked(failure.details).text)"))
            }
            return code(error)
        }
    }

    /// The key is shown as it is: whoever loses an answer needs it.
    private static func shown(_ request: TransportRequest, _ key: String) -> [String] {
        let fields = request.headers.fields.map { "\($0.name): \($0.value == key ? key : CardMask.masked($0.value))" }
        let body = request.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
        return [CardMask.masked("\(request.method) \(request.url)")] + fields + ["", CardMask.masked(body)]
    }

    private static func code(_ error: any Error) -> ExitCode {
        switch error {
        case is ValidationError: .usage
        case is ConfigurationError: .configuration
        case is RateLimitError: .temporary
        case is TimeoutError: .unavailable
        case let failure as any AITBCError where failure.statusCode.map({ $0 >= 500 }) ?? failure.isUnreachable:
            .unavailable
        default: .failure
        }
    }
}

extension JSONValue {
    /// A member's name that an object has twice, at any depth.
    fileprivate var repeatedName: String? {
        switch self {
        case .null, .bool, .number, .string: return nil
        case .array(let elements): return elements.lazy.compactMap(\.repeatedName).first
        case .object(let members):
            var seen: Set<String> = []
            if let twice = members.first(where: { !seen.insert($0.name).inserted }) { return twice.name }
            return members.lazy.compactMap(\.value.repeatedName).first
        }
    }
}

extension AITBCError {
    fileprivate var isUnreachable: Bool { underlying is TransportError || code == "CIRCUIT_OPEN" }
}
