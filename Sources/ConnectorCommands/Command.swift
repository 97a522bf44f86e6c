import FileSystem
import Glibc
import SystemdService

/// A subcommand: what it is called, what it takes, what it does.
protocol Command {
    static var name: String { get }
    static var summary: String { get }
    /// How it is called, after the program's name.
    static var usage: String { get }
    static var options: [Arguments.Option] { get }
    static var example: String { get }
    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode
}

extension Command {
    static var help: [String] {
        var lines = ["usage: aitbc-connectord \(usage)", "", summary, ""]
        for option in options + ConnectorCommand.commonOptions {
            let value = option.value.map { " \($0)" } ?? ""
            let short = option.short.map { "-\($0), " } ?? "    "
            let flag = "  \(short)--\(option.name)\(value)"
            lines.append(flag + String(repeating: " ", count: max(1, 30 - flag.count)) + option.help)
        }
        return lines + ["", "example: \(example)"]
    }
}

/// The program: finds the subcommand and runs it.
package enum ConnectorCommand {
    static var commands: [any Command.Type] {
        [
            RunCommand.self, ReloadCommand.self, InitCommand.self, DefinitionsCommand.self, CheckCommand.self,
            SyncCommand.self,
            StatusCommand.self,
            CursorsCommand.self,
            WebhooksCommand.self, DeadLettersCommand.self, ExecCommand.self, AuditCommand.self, VersionCommand.self,
        ]
    }

    static let commonOptions = [
        Arguments.Option("config", value: "DIR", "configuration (default /etc/aitbc-connectord)"),
        Arguments.Option("state", value: "DIR", "state (default $STATE_DIRECTORY or /var/lib/aitbc-connectord)"),
        Arguments.Option(
            "definitions",
            value: "DIR",
            "shipped definitions (default /usr/share/aitbc-connectord/definitions)"
        ),
        Arguments.Option("help", short: "h", "show this"),
    ]

    package static func main() async {
        ProcessMemory.shareArenas()
        let code = await run(Array(CommandLine.arguments.dropFirst()))
        exit(hasWrittenAll() ? code.rawValue : max(code, .stateIO).rawValue)
    }

    /// A script that gets an empty file must not take it for an answer.
    private static func hasWrittenAll() -> Bool {
        guard let reason = Terminal.finish() else { return true }
        Terminal.complain("standard output can't be written: \(reason)")
        return false
    }

    static func run(_ words: [String]) async -> ExitCode {
        guard let name = words.first, name != "--help", name != "-h", name != "help" else {
            Terminal.say(overview)
            return words.isEmpty ? .usage : .success
        }
        let wanted = name == "--version" ? "version" : name
        guard let command = commands.first(where: { $0.name == wanted }) else {
            Terminal.complain(["there is no command \"\(name)\"", ""] + overview)
            return .usage
        }
        do throws(Arguments.UsageError) {
            let arguments = try Arguments(Array(words.dropFirst()), options: command.options + commonOptions)
            if arguments.has("help") {
                Terminal.say(command.help)
                return .success
            }
            return await command.run(arguments, Places(arguments))
        } catch {
            Terminal.complain("\(error.message); see aitbc-connectord \(command.name) --help")
            return .usage
        }
    }

    private static var overview: [String] {
        let lines = commands.map { command in
            "  \(command.name)\(String(repeating: " ", count: 14 - command.name.count))\(command.summary)"
        }
        return [
            "usage: aitbc-connectord COMMAND [OPTIONS]", "",
            "Keeps payment processors and ERP systems in step with AITBC.", "",
        ] + lines + ["", "aitbc-connectord COMMAND --help tells more."]
    }
}

/// Where files are.
struct Places {
    let configuration: String
    let state: String
    let definitions: String

    /// The package's own place.
    private static let installed = "/etc/aitbc-connectord"

    /// Whether these are the files of the installed service.
    var isInstalled: Bool { configuration == Self.installed }

    init(_ arguments: Arguments) {
        configuration = arguments.value("config") ?? Self.installed
        state = arguments.value("state") ?? environmentVariable("STATE_DIRECTORY") ?? "/var/lib/aitbc-connectord"
        definitions = arguments.value("definitions") ?? "/usr/share/aitbc-connectord/definitions"
    }
}
