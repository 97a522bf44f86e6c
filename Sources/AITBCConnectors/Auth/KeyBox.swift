import ConnectorCore
import Synchronization

/// A proof of identity whose key can be replaced while requests are under way.
protocol ReplaceableKey: AuthHandler {
    func replace(with key: Secret) throws
}

extension BearerAuth: ReplaceableKey {}
extension APIKeyAuth: ReplaceableKey {}

/// A key that all who share it see replaced at once.
final class KeyBox: Sendable {
    /// The present one, and the one before.
    private let held: Mutex<[Secret]>

    init(_ key: Secret) {
        held = Mutex([key])
    }

    var keys: [Secret] { held.withLock { $0 } }

    var key: Secret { held.withLock { $0[0] } }

    func replace(with key: Secret) throws {
        guard !key.isEmpty, !key.reveal().contains(" "), !key.reveal().holdsControlCharacter else {
            throw ConfigurationError(
                ErrorContext(
                    "the key is empty, or holds a blank or a line break",
                    code: "CONFIGURATION_ERROR",
                    hint: "the one before stays; take off what a file has behind it"
                )
            )
        }
        held.withLock { $0 = [key, $0[0]] }
    }
}

extension Exchange {
    /// Requests that begin from now on bear it, and no answer that repeats it is quoted.
    ///
    /// Throws a ``ConfigurationError`` where the proof of identity is made of something else.
    func replaceKey(with key: Secret, _ secrets: ConnectorSecrets) throws {
        let proof = (auth as? CSRFAuth)?.inner ?? auth
        guard let proof = proof as? any ReplaceableKey else {
            throw ConfigurationError(
                ErrorContext(
                    "this proof of identity has no key that could be replaced",
                    code: "CONFIGURATION_ERROR",
                    hint: "replace it in `bearer` and `api_key`; a handler of your own replaces its own"
                )
            )
        }
        secrets.learn(key)
        try proof.replace(with: key)
    }
}
