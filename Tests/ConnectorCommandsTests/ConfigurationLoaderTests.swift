import ConnectorCore
import Testing

@testable import ConnectorCommands

/// A configuration as it is read from a directory.
struct ConfigurationLoaderTests {
    private static let good =
        "{ base_url: \"https://a.example\", auth_type: \"none\", streams: { s: { path: \"/s\" } } }"

    private func load(_ files: [String: String]) throws -> Configuration {
        let folder = Folder(files)
        let words = ["--config", folder.path, "--definitions", "\(folder.path)/shipped", "--state", folder.path]
        let arguments = try Arguments(words, options: ConnectorCommand.commonOptions)
        let configuration = ConfigurationLoader(places: Places(arguments), needsSecrets: false).load()
        return withExtendedLifetime(folder) { configuration }
    }

    @Test func `one bad file disables its connector alone`() throws {
        let configuration = try load(["connectors.d/a.json5": Self.good, "connectors.d/b.json5": "{ streams: 1 }"])
        #expect(configuration.connectors.map(\.name) == ["a"])
        #expect(configuration.disabled.map(\.name) == ["b"])
        #expect(configuration.errors == [])
    }

    @Test func `files that are not read are told of, each once, and what is left behind is not`() throws {
        let configuration = try load([
            "connectors.d/a.json5": Self.good, "connectors.d/b.yaml": "", "connectors.d/c.JSON5": "{}",
            "connectors.d/d.json": "{}", "connectors.d/a.json5~": "", "connectors.d/.a.json5.swp": "",
            "connectors.d/eu/e.json5": Self.good, "definitions/own.yml": "", "shipped/s.json5": "{}",
        ])
        let told = configuration.warnings.filter { $0.contains(": not read; ") }
        let names = told.map { $0.split(separator: ":")[0].split(separator: "/").suffix(2).joined(separator: "/") }
        #expect(
            names == [
                "definitions/own.yml", "connectors.d/b.yaml", "connectors.d/c.JSON5", "connectors.d/d.json",
                "connectors.d/eu",
            ]
        )
        #expect(told.last?.hasSuffix(": not read; connectors are files NAME.json5") == true)
        #expect(configuration.connectors.map(\.name) == ["a"])
    }

    @Test func `a connector may use a definition of one's own, which goes before the shipped one`() throws {
        let definition = { (path: String) in
            "{ base_url: \"https://a.example\", auth_type: \"none\", streams: { s: { path: \"\(path)\" } } }"
        }
        let configuration = try load([
            "connectors.d/a.json5": "{ definition: \"d\" }", "definitions/d.json5": definition("/own"),
            "shipped/d.json5": definition("/shipped"),
        ])
        #expect(configuration.connectors.first?.streams.first?.path.variables == [])
        #expect(configuration.connectors.first?.streams.first?.path.fill(.init()) == "/own")
    }

    @Test func `a configuration without a folder of connectors runs nothing, and says what to make`() throws {
        let configuration = try load(["connectord.json5": "{}"])
        #expect(configuration.errors.count == 1)
        #expect(configuration.errors.first?.hasSuffix("there is no such directory; make it, it may be empty") == true)
    }
}
