package import ConnectorCore
import Synchronization

/// What proves who a connector is, the tokens of its sessions included; taken out of whatever a server says.
package final class ConnectorSecrets: Sendable {
    private struct State {
        var learned: [Secret] = []
        var redactor: Redactor
    }

    /// What is configured, and never changes.
    private let fixed: [Secret]
    private let fixedRedactor: Redactor
    private let state: Mutex<State>
    /// Answers that are larger are pages of records, and too long to search: they are taken to repeat a secret.
    private static let maximumSearchedBytes = 1 << 20
    /// Tokens come by the hour and are kept to be hidden; those before the last few have ended long ago.
    private static let maximumLearned = 16

    /// `others` are secrets that requests carry besides their proof.
    package init(_ auth: AuthRule, others: [Secret] = []) {
        var redactor = Redactor(others)
        redactor.add(auth)
        fixed = auth.secrets + others
        fixedRedactor = redactor
        state = Mutex(State(redactor: redactor))
    }

    /// A login brought a token.
    package func learn(_ secret: Secret) {
        state.withLock { state in
            guard !fixed.contains(secret), !state.learned.contains(secret) else { return }
            state.learned.append(secret)
            guard state.learned.count > Self.maximumLearned else { return state.redactor.add(secret) }
            state.learned.removeFirst()
            var redactor = fixedRedactor
            for known in state.learned { redactor.add(known) }
            state.redactor = redactor
        }
    }

    package func redact(_ text: String) -> String {
        let redactor = state.withLock { $0.redactor }
        return redactor.redact(text)
    }

    /// Whether a part of `bytes` may be a part of a secret.
    package func occur(in bytes: [UInt8]) -> Bool {
        guard bytes.count <= Self.maximumSearchedBytes else { return true }
        let text = String(decoding: bytes, as: UTF8.self)
        return redact(text) != text
    }
}
