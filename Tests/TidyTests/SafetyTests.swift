import Testing

/// Unsafe code has an address: the targets behind a C door, and the files named here with their reasons.
struct SafetyTests {
    private static let targets: Set<String> = [
        "ConnectorCrypto", "CurlTransport", "FileSystem", "HTTPListener", "StateStore", "SystemdService",
    ]

    private static let files: [String: String] = [
        "Sources/ConnectorCore/JSON/PageBytes.swift": "the scanner's bounds are checked once a page, not once a byte",
        "Sources/SerialQueue/SerialQueueExecutor.swift": "an actor's executor on a Dispatch queue",
        "Sources/AITBCConnectors/Audit/FileAuditLog.swift": "its executor",
        "Sources/ConnectorDaemon/ConnectorRunner.swift": "its executor",
        "Sources/ConnectorDaemon/Supervisor.swift": "its executor",
        "Sources/ConnectorCommands/Terminal.swift": "writes to standard error",
        "Sources/ConnectorSandbox/Sandbox.swift": "reads the clocks",
        "Sources/ConnectorSandbox/SandboxProgram.swift": "standard input and output",
    ]

    /// Where only the executor may be the unsafe thing.
    private static let executors: Set<String> = [
        "Sources/AITBCConnectors/Audit/FileAuditLog.swift", "Sources/ConnectorDaemon/ConnectorRunner.swift",
        "Sources/ConnectorDaemon/Supervisor.swift",
    ]

    private static let unsafe = "\\bunsafe\\b|@unchecked Sendable|@preconcurrency"

    @Test func `unsafe code stays behind its doors`() throws {
        let pattern = try Regex(Self.unsafe)
        for file in try SourceTree.swiftFiles("Sources") where !Self.targets.contains(file.target) {
            for line in file.code where line.text.contains(pattern) {
                #expect(Self.files[file.path] != nil, "\(file):\(line.number) is unsafe: move it behind a door")
                let isExecutor = line.text.contains("asUnownedSerialExecutor") || !Self.executors.contains(file.path)
                #expect(isExecutor, "\(file):\(line.number): only the executor may be unsafe here")
            }
        }
    }

    @Test func `the list of unsafe files has no surplus`() throws {
        let pattern = try Regex(Self.unsafe)
        for path in Self.files.keys.sorted() {
            let file = try SourceTree.read(path)
            let isUnsafe = file?.code.contains { $0.text.contains(pattern) } ?? false
            #expect(isUnsafe, "\(path) is safe now: take it off the list")
        }
    }

    @Test func `an unchecked Sendable says what protects it`() throws {
        for file in try SourceTree.swiftFiles("Sources") {
            for line in file.code where line.text.contains("@unchecked Sendable") {
                let above = file.lines[..<(line.number - 1)].reversed().prefix { $0.drop { $0 == " " }.hasPrefix("//") }
                #expect(
                    above.contains { $0.contains("@unchecked Sendable") },
                    "\(file):\(line.number): say in the comment above what protects the state (`@unchecked Sendable`: …)"
                )
            }
        }
    }
}
