import ConnectorConfiguration
import ConnectorCore
import Testing

struct DaemonConfigTests {
    private func read(_ text: String) -> (config: DaemonConfig, lines: [String]) {
        let diagnostics = DiagnosticCollector()
        guard let value = JSON5Reader.read(Array(text.utf8), file: "f", diagnostics: diagnostics) else {
            return (DaemonConfig(), diagnostics.lines)
        }
        return (DaemonConfig(value, resolver: TableResolver(), diagnostics: diagnostics), diagnostics.lines)
    }

    @Test func `an empty file is all defaults`() {
        let (config, lines) = read("{}")
        #expect(config == DaemonConfig())
        #expect(lines == [])
    }

    @Test func `every key is read`() {
        let (config, lines) = read(
            """
            { log_level: "debug", sink: "stdout", data_directory: "/d", rotate_bytes: 1048576, max_concurrent_syncs: 256,
              max_connections: 1, page_memory_bytes: 16777216, shutdown_timeout: "1h" }
            """
        )
        var expected = DaemonConfig()
        expected.logLevel = .debug
        expected.sink = "stdout"
        expected.dataDirectory = "/d"
        expected.rotateBytes = 1_048_576
        expected.maximumConcurrentSyncs = 256
        expected.maximumConnections = 1
        expected.pageMemoryBytes = 16 << 20
        expected.shutdownTimeout = .seconds(3_600)
        #expect(lines == [])
        #expect(config == expected)
    }

    @Test(arguments: [("error", LogEntry.Level.error), ("warning", .warning), ("notice", .notice), ("info", .info)])
    func `a level has a name`(name: String, level: LogEntry.Level) {
        #expect(read("{ log_level: \"\(name)\" }").config.logLevel == level)
    }

    @Test(arguments: [
        (
            "{ log_level: \"inf\" }",
            "f:1:14: log_level: unknown log_level \"inf\"; "
                + "did you mean \"info\"? (one of: \"error\", \"warning\", \"notice\", \"info\", \"debug\")"
        ),
        (
            "{ sink: \"kafka\" }",
            "f:1:9: sink: unknown sink \"kafka\"; write one of: \"file\", \"stdout\", \"aitbc\", \"http\""
        ),
        (
            "{ rotate_bytes: 1024 }",
            "f:1:17: rotate_bytes: 1024 is not allowed; "
                + "write a whole number from 1048576 to 1099511627776, without quotes"
        ),
        (
            "{ max_concurrent_syncs: 0 }",
            "f:1:25: max_concurrent_syncs: 0 is not allowed; write a whole number from 1 to 256, without quotes"
        ),
        (
            "{ shutdown_timeout: \"2h\" }",
            "f:1:21: shutdown_timeout: \"2h\" is out of range; "
                + "write a number and a unit, such as \"90s\", \"5m\" or \"1h30m\", from 1s to 1h"
        ),
        ("{ max_conections: 5 }", "f:1:3: max_conections: unknown key; did you mean \"max_connections\"?"),
        ("[]", "f:1:1: expected an object, found a list; write { … }"),
    ])
    func `mistakes`(text: String, line: String) {
        #expect(read(text).lines == [line])
    }

    @Test func `the names of sinks are those that a connector may use`() {
        #expect(DaemonConfig.sinkNames == ["file", "stdout", "aitbc", "http"])
    }
}
