package import ConnectorCore
import ConnectorCrypto

/// Refresh tokens as files of the state directory, readable for their owner only.
///
/// Not in the state's database: that has one writer, and `exec` beside a running daemon needs the token as well.
package struct FileTokenStore: TokenStore {
    private let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package func load(_ account: String) async throws -> Secret? {
        let path = path(account)
        guard let descriptor = try File.openExisting(path) else { return nil }
        defer { File.close(descriptor) }
        let bytes = try File.read(descriptor, try File.size(of: descriptor, path), path)
        return bytes.isEmpty ? nil : Secret(String(decoding: bytes, as: UTF8.self))
    }

    /// Written beside, synced and renamed: at no moment is there half a token.
    package func store(_ token: Secret, account: String) async throws {
        try File.makeDirectory(directory)
        let path = path(account)
        let descriptor = try File.create(path + ".new")
        defer { File.close(descriptor) }
        try File.truncate(descriptor, to: 0, path)
        try File.write(descriptor, Array(token.reveal().utf8), path)
        try File.synchronize(descriptor, path)
        try File.rename(path + ".new", to: path)
        try File.synchronizeDirectory(directory)
    }

    private func path(_ account: String) -> String {
        "\(directory)/" + HexText.text(MessageAuthentication.hash(Array(account.utf8)))
    }
}
