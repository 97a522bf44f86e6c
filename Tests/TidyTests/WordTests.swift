import Testing

/// Words that stand for a habit we do not want, and the few places where they are right.
struct WordTests {
    private struct Ban {
        let word: String
        let pattern: Regex<AnyRegexOutput>
        let remedy: String
        /// Targets and files.
        let allowed: Set<String>
        let files: Set<String>
        /// Whether it is banned from comments, too.
        let isInComments: Bool

        init(
            _ word: String,
            _ pattern: String,
            _ remedy: String,
            allowed: Set<String> = [],
            files: Set<String> = [],
            comments: Bool = false
        ) throws {
            self.word = word
            self.pattern = try Regex(pattern)
            self.remedy = remedy
            self.allowed = allowed
            self.files = files
            isInComments = comments
        }
    }

    private static func bans() throws -> [Ban] {
        [
            try Ban("try!", #"\btry!"#, "handle the error, or show that there is none"),
            try Ban("fatalError", #"\bfatalError\("#, "throw: a daemon does not end for one connector"),
            try Ban(
                "print",
                #"(^|[^A-Za-z0-9_.])print\("#,
                "record an event, or say it by `Terminal`, which lets nothing through that a terminal obeys",
                allowed: ["ConnectorSandbox"],
                files: ["Sources/ConnectorCommands/Terminal.swift"]
            ),
            try Ban(
                "standard streams",
                #"\b(STDOUT_FILENO|STDERR_FILENO|fputs|fwrite|putchar|puts)\b"#,
                "record an event, or say it by `Terminal`, which lets nothing through that a terminal obeys",
                allowed: ["ConnectorSandbox"],
                files: [
                    "Sources/ConnectorCommands/Terminal.swift", "Sources/SystemdService/StandardErrorSink.swift",
                    // Looks at it only.
                    "Sources/SystemdService/JournalSink.swift",
                    // Records for a pipe; `StandardOutputSink` makes them safe for a terminal.
                    "Sources/FileSystem/Files.swift",
                ]
            ),
            try Ban("Thread.sleep", #"\bThread\.sleep\b"#, "wait for the event"),
            try Ban("usleep", #"\b(usleep|nanosleep|sleep)\("#, "wait for the event"),
            try Ban("leftovers", #"\b(TODO|FIXME|XXX|HACK)\b"#, "do it, or open an issue", comments: true),
        ]
    }

    @Test func `the sources keep clear of banned words`() throws {
        let files = try SourceTree.swiftFiles("Sources")
        for ban in try Self.bans() {
            for file in files where !ban.allowed.contains(file.target) && !ban.files.contains(file.path) {
                let lines = ban.isInComments ? file.lines.enumerated().map { ($0 + 1, $1) } : file.code.map { ($0, $1) }
                for (number, text) in lines where text.contains(ban.pattern) && !Self.suspends(text) {
                    Issue.record("\(file):\(number): \(ban.word): \(ban.remedy)")
                }
            }
        }
    }

    /// Blocks no thread, and ends when cancelled: a task's sleep, or that of `Clocks`.
    private static func suspends(_ line: Substring) -> Bool { line.contains("sleep(for") }

    @Test func `nothing names the place where it was written`() throws {
        // Put together here, so that this file does not name it either.
        let places = ["work", "tmp/wt"].map { "/\($0)/" }
        let pattern = try Regex("(^|[^A-Za-z0-9_.}])(\(places.joined(separator: "|")))")
        for file in try SourceTree.files() {
            for (index, line) in file.lines.enumerated() where line.contains(pattern) {
                Issue.record("\(file):\(index + 1): \(line.prefix(120))")
            }
        }
    }
}
