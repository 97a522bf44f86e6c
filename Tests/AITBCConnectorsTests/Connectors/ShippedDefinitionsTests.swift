import AITBCConnectors
import ConnectorCore
import Glibc
import Testing

/// The definitions inside of the library are those that are installed as files.
struct ShippedDefinitionsTests {
    @Test(arguments: ["stripe", "tryton", "odata"])
    func `a definition is the same in the library and in its file`(name: String) throws {
        let file = try #require(Self.text(name))
        let own = try #require(ShippedDefinitions.all[name])
        // A multi-line literal ends before its last newline.
        #expect(own + "\n" == file, "run deploy/lib/embed-definitions")
    }

    private static func text(_ name: String, here: String = #filePath) -> String? {
        let root = here.split(separator: "/").dropLast(4).joined(separator: "/")
        guard let file = unsafe fopen("/\(root)/config/definitions/\(name).json5", "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
