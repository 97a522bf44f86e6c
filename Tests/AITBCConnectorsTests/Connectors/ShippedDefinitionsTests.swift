import AITBCConnectors
import ConnectorCore
import Glibc
import Testing

/// The definitions inside of the library are those that are installed as files.
struct ShippedDefinitionsTests {
    @Test func `each installed file is in the library`() {
        #expect(Self.names == ShippedDefinitions.all.keys.sorted(), "run deploy/lib/embed-definitions")
    }

    @Test(arguments: ShippedDefinitions.all.keys.sorted())
    func `a definition is the same in the library and in its file`(name: String) throws {
        let file = try #require(Self.text(name))
        let own = try #require(ShippedDefinitions.all[name])
        // A multi-line literal ends before its last newline.
        #expect(own + "\n" == file, "run deploy/lib/embed-definitions")
    }

    private static func folder(here: String = #filePath) -> String {
        "/" + here.split(separator: "/").dropLast(4).joined(separator: "/") + "/config/definitions"
    }

    private static var names: [String] {
        guard let folder = unsafe opendir(folder()) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json5") { names.append(String(name.dropLast(6))) }
        }
        return names.sorted()
    }

    private static func text(_ name: String) -> String? {
        guard let file = unsafe fopen("\(folder())/\(name).json5", "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
