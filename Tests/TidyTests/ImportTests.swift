import Testing

/// Who may import whom. SwiftPM holds our own targets apart; it can't forbid the system's modules.
struct ImportTests {
    /// What a target may import.
    private struct Rule {
        let modules: Set<String>
        let reason: String

        init(_ modules: Set<String>, _ reason: String) {
            self.modules = modules
            self.reason = reason
        }
    }

    private static let rules: [String: Rule] = [
        "ConnectorCore": Rule([], "decisions only: time, randomness and bytes are parameters"),
        "ConnectorConfiguration": Rule(["ConnectorCore"], "text to definition: files are read by those who call it"),
        "CurlTransport": Rule(
            ["CCurl", "ConnectorCore", "Glibc", "Synchronization"],
            "the thread that drives libcurl, and the inbox to it"
        ),
        "FileSystem": Rule(["Glibc"], "the only calls into the file system, each failure named"),
        "SerialQueue": Rule(["ConnectorCore", "Dispatch"], "what actors that call into C run on"),
        "StateStore": Rule(
            ["CSQLite", "ConnectorCore", "FileSystem", "Glibc", "SerialQueue", "Synchronization"],
            "the calendar of set-aside names, the queue of the one writer, and what it tells those who wait for a commit"
        ),
        "SystemdService": Rule(
            ["CSystemd", "ConnectorCore", "FileSystem", "Glibc", "Dispatch"],
            "sockets, signals, clocks, credentials: the system itself"
        ),
        "HTTPListener": Rule(
            ["CMicroHTTPD", "ConnectorCore", "Glibc", "Synchronization"],
            "sockets, and what the library's threads share with tasks"
        ),
        "ConnectorCrypto": Rule(["CCrypto", "ConnectorCore"], "OpenSSL's libcrypto: nobody writes their own"),
        "AITBCConnectors": Rule(
            [
                "ConnectorCore", "ConnectorConfiguration", "CurlTransport", "ConnectorCrypto", "FileSystem",
                "SerialQueue", "Synchronization",
            ],
            "users link it: libcurl, libcrypto and nothing else; files for named secrets and the audit log"
        ),
        "AITBCConnectorsOldNames": Rule(["AITBCConnectors"], "names that other libraries have, too, and nothing else"),
        "ConnectorDaemon": Rule(
            [
                "ConnectorCore", "AITBCConnectors", "ConnectorCrypto", "FileSystem", "SerialQueue", "Dispatch",
                "Synchronization",
            ],
            "queues and timers of the shells; files for sink and tokens, digests for keys"
        ),
        "ConnectorCommands": Rule(
            [
                "ConnectorCore", "ConnectorConfiguration", "AITBCConnectors", "ConnectorCrypto", "ConnectorDaemon",
                "CurlTransport", "FileSystem", "HTTPListener", "StateStore", "SystemdService", "Glibc",
                "Synchronization",
            ],
            "wires everything; Glibc for the terminal, processes and the exit status"
        ),
        "ConnectorSandbox": Rule(
            ["ConnectorCore", "HTTPListener", "Dispatch", "Glibc", "Synchronization"],
            "a program of its own: signals, clocks and output"
        ),
        "aitbc-connectord": Rule(["ConnectorCommands"], "three lines"),
    ]

    /// The module that a line imports.
    private static func module(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index < 3, index + 1 < words.count else { return nil }
        let isModifier = words[..<index].allSatisfy { $0.first == "@" || modifiers.contains($0) }
        guard isModifier else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let name = kinds.contains(words[index + 1]) ? words.last : words[index + 1]
        return name?.split(separator: ".").first.map(String.init)
    }

    private static let modifiers: Set<Substring> = ["package", "public", "internal", "private", "fileprivate"]

    private static func imports() throws -> [(file: TextFile, line: Int, module: String)] {
        try SourceTree.swiftFiles("Sources").flatMap { file in
            file.code.compactMap { line in module(line.text).map { (file, line.number, $0) } }
        }
    }

    @Test func `a target imports only what its row in the table allows`() throws {
        for (file, line, module) in try Self.imports() {
            let rule = try #require(Self.rules[file.target], "\(file.target) has no row: add one with its reason")
            let isAllowed = rule.modules.contains(module)
            #expect(isAllowed, "\(file):\(line): \(file.target) may not import \(module): \(rule.reason)")
        }
    }

    @Test func `the table has no row that nobody needs`() throws {
        let imports = try Self.imports()
        for (target, rule) in Self.rules {
            let used = Set(imports.filter { $0.file.target == target }.map(\.module))
            let surplus = rule.modules.subtracting(used).subtracting(["ConnectorCore", "CurlTransport"])
            #expect(surplus.isEmpty, "\(target) imports none of \(surplus.sorted()): take them off its row")
        }
    }

    @Test func `the core imports nothing`() throws {
        let imports = try Self.imports().filter { $0.file.target == "ConnectorCore" }
        #expect(imports.isEmpty, "\(imports.map { "\($0.file):\($0.line)" })")
    }

    @Test(arguments: ["Foundation", "FoundationEssentials", "FoundationNetworking"])
    func `no source imports Foundation`(_ module: String) throws {
        let imports = try Self.imports().filter { $0.module == module }
        #expect(imports.isEmpty, "\(imports.map { "\($0.file):\($0.line)" })")
    }

    @Test func `a C door opens to exactly one target`() throws {
        let imports = try Self.imports()
        for door in ["CCurl", "CSQLite", "CSystemd", "CMicroHTTPD"] {
            let importers = Set(imports.filter { $0.module == door }.map(\.file.target))
            #expect(importers.count == 1, "\(door) is imported by \(importers.sorted())")
        }
    }

    /// Commands see protocols; what stands for them is chosen in one place.
    @Test(arguments: ["StateStore", "CurlTransport"])
    func `of the commands only the wiring names an adapter`(_ adapter: String) throws {
        let files = try Self.imports().filter { $0.module == adapter && $0.file.target == "ConnectorCommands" }
        #expect(files.map(\.file.path) == ["Sources/ConnectorCommands/Wiring.swift"])
    }

    @Test func `a C door holds a module map and a shim, nothing else`() throws {
        for file in try SourceTree.files() where file.path.hasPrefix("Sources/C") && Self.rules[file.target] == nil {
            let name = file.path.split(separator: "/").last ?? ""
            #expect(["module.modulemap", "shim.h"].contains(name), "\(file) does not belong there")
        }
    }
}
