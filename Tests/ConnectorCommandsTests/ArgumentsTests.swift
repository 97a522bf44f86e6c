import Testing

@testable import ConnectorCommands

struct ArgumentsTests {
    private static let options = [
        Arguments.Option("since", short: "s", value: "TIME", "from here"), Arguments.Option("full", "everything"),
    ]

    private func read(_ words: String...) throws -> Arguments { try Arguments(words, options: Self.options) }

    @Test func `an option's value is its own word, or stands behind a sign`() throws {
        for arguments in [
            try read("--since", "now", "a"), try read("a", "--since=now"), try read("-s", "now", "a"),
        ] {
            #expect(arguments.value("since") == "now")
            #expect(arguments.operands == ["a"])
            #expect(!arguments.has("full"))
        }
    }

    @Test func `behind two hyphens nothing is an option, and one alone is an operand`() throws {
        #expect(try read("-", "--full", "--", "--since").operands == ["-", "--since"])
    }

    @Test(arguments: [
        (["--sinse", "x"], "unknown option --sinse"), (["--since"], "--since needs a value"),
        (["--full=yes"], "--full takes no value"), (["-x"], "unknown option -x"),
    ])
    func `a mistake is named`(words: [String], message: String) {
        let error = #expect(throws: Arguments.UsageError.self) { try Arguments(words, options: Self.options) }
        #expect(error?.message == message)
    }

    @Test func `each command's help has its usage, its options and an example that is one`() throws {
        for command in ConnectorCommand.commands {
            #expect(command.help.first == "usage: aitbc-connectord \(command.usage)")
            #expect(command.usage.hasPrefix(command.name))
            for option in command.options {
                #expect(command.help.contains { $0.contains("--\(option.name)") })
            }
            let words = command.example.split(separator: " ").map(String.init)
            #expect(words.first == "aitbc-connectord" || words.contains("aitbc-connectord"), "\(command.example)")
        }
    }
}
