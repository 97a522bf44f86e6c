import ConnectorConfiguration
import ConnectorCore

enum InitCommand: Command {
    static let name = "init"
    static let summary = "write a commented connector file, to be completed"
    static let usage = "init [NAME [--definition DEFINITION] [--secret-file PATH] [--base-url URL]]"
    static let options = [
        Arguments.Option(
            "definition",
            value: "NAME",
            "what it is made from (default: NAME itself); without NAME: which"
        ),
        Arguments.Option(
            "secret-file",
            value: "PATH",
            "read the secret from a file (default: systemd's credential NAME)"
        ),
        Arguments.Option("base-url", value: "URL", "the server's address"),
    ]
    static let example = "aitbc-connectord init stripe-eu --definition stripe"

    static func run(_ arguments: Arguments, _ places: Places) async -> ExitCode {
        let definitions = ConfigurationLoader(places: places).definitions()
        guard !definitions.isEmpty else {
            Terminal.complain("\(places.definitions) has no definitions; name their directory with --definitions")
            return .configuration
        }
        if let url = arguments.value("base-url"), URLReference(url) == nil {
            Terminal.complain("--base-url \(url): is no URL; write one such as https://api.example.com")
            return .usage
        }
        guard let name = arguments.operands.first else {
            Terminal.say(list(definitions))
            return .success
        }
        guard arguments.operands.count == 1 else {
            Terminal.complain("usage: aitbc-connectord \(usage)")
            return .usage
        }
        guard ConnectorName.isValid(name) else {
            Terminal.complain("\"\(name)\" can't be a connector's name; \(ConnectorName.rule)")
            return .usage
        }
        let base = arguments.value("definition") ?? name
        guard let definition = definitions[base] else {
            let known = definitions.keys.sorted().joined(separator: ", ")
            Terminal.complain("there is no definition \(base); name one with --definition: \(known)")
            return .usage
        }
        let text = ConnectorFileText(
            name: name,
            definitionName: base,
            definition: definition,
            secretFile: arguments.value("secret-file"),
            baseURL: arguments.value("base-url")
        )
        return write(text, "\(places.configuration)/connectors.d", arguments.value("secret-file"), places)
    }

    private static func list(_ definitions: [String: LocatedValue]) -> [String] {
        let rows = definitions.sorted { $0.key < $1.key }.map { name, value in
            [name, value.toJSONValue()["description"]?.string ?? ""]
        }
        return TerminalLine.table([["DEFINITION", "WHAT IT IS"]] + rows)
            + ["", "make a connector of one: aitbc-connectord init NAME --definition DEFINITION"]
    }

    private static func write(
        _ text: ConnectorFileText,
        _ folder: String,
        _ secretFile: String?,
        _ places: Places
    ) -> ExitCode {
        let path = "\(folder)/\(text.name).json5"
        guard ConfigFile.exists(folder) else {
            Terminal.complain("\(folder): there is no such directory; make it, or name another with --config")
            return .stateIO
        }
        // Never over a file of a person.
        switch ConfigFile.create(path, Array(text.text.utf8)) {
        case .created: break
        case .isThere:
            Terminal.complain("\(path): is there already; it is left as it is")
            return .usage
        case .failed(let reason):
            Terminal.complain("\(path): can't be written: \(reason)")
            return .stateIO
        }
        Terminal.say(["\(path) is written. Next:"] + steps(text.name, secretFile, path, places).map { "  \($0)" })
        return .success
    }

    private static func steps(_ name: String, _ secretFile: String?, _ path: String, _ places: Places) -> [String] {
        let isInstalled = places.isInstalled
        let more = isInstalled ? "" : " --config \(places.configuration) --definitions \(places.definitions)"
        var steps = ["look through it: $EDITOR \(path)"]
        if let secretFile {
            let mode = isInstalled ? "-m 640 -g aitbc-connectord" : "-m 600"
            steps.append("put the secret into its file: printf '%s' SECRET | install \(mode) /dev/stdin \(secretFile)")
        } else {
            steps.append(
                "put the secret into a file: "
                    + "printf '%s' SECRET | install -m 600 /dev/stdin /etc/aitbc-connectord/credentials/\(name)"
            )
            steps.append(
                "give it to the service: systemctl edit aitbc-connectord, with the lines [Service] and "
                    + "LoadCredential=\(name):/etc/aitbc-connectord/credentials/\(name)"
            )
        }
        steps.append("see whether it is right: aitbc-connectord check\(more)")
        if isInstalled {
            steps.append("start: systemctl restart aitbc-connectord")
            steps.append("prove address and credential: aitbc-connectord check --connect \(name)")
        } else {
            steps.append("prove address and credential: aitbc-connectord check --connect \(name)\(more)")
        }
        return steps
    }
}
