package import ConnectorCore
import Synchronization

/// What proves who a connector is, the tokens of its sessions included; taken out of whatever a server says.
package final class ConnectorSecrets: Sendable {
    private let redactor: Mutex<Redactor>
    /// Answers that are larger are pages of records, and too long to search: they are taken to repeat a secret.
    private static let maximumSearchedBytes = 1 << 20

    package init(_ auth: AuthRule) {
        var redactor = Redactor()
        redactor.add(auth)
        self.redactor = Mutex(redactor)
    }

    /// A login brought a token.
    package func learn(_ secret: Secret) {
        redactor.withLock { $0.add(secret) }
    }

    package func redact(_ text: String) -> String {
        let redactor = redactor.withLock { $0 }
        return redactor.redact(text)
    }

    /// Whether a part of `bytes` may be a part of a secret.
    package func occur(in bytes: [UInt8]) -> Bool {
        guard bytes.count <= Self.maximumSearchedBytes else { return true }
        let text = String(decoding: bytes, as: UTF8.self)
        return redact(text) != text
    }
}
