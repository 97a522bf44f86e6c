import ConnectorCore

enum VersionCommand: Command {
    static let name = "version"
    static let summary = "print the version"
    static let usage = "version [--json]"
    static let options = [Arguments.Option("json", "for programs")]
    static let example = "aitbc-connectord version"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        if arguments.has("json") {
            Terminal.say(["version": .string(Version.text)] as JSONValue)
        } else {
            Terminal.say(Version.text)
        }
        return .success
    }
}
