import CCrypto
import ConnectorCore

/// A key for keyed digests (RFC 2104) that are made often: what depends on the key alone is computed once, and a
/// message may come in pieces that nobody has to join. It prints nothing of itself.
package struct HMACKey: Sendable {
    package let algorithm: HashAlgorithm
    private let start: Start

    package init(_ key: [UInt8], _ algorithm: HashAlgorithm = .sha256) {
        self.algorithm = algorithm
        start = Start(key, algorithm)
    }

    /// The digest of the pieces, one behind the other.
    package func digest(_ pieces: [[UInt8]]) -> [UInt8] {
        start.digest(pieces, algorithm)
    }
}

extension HMACKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Secret.mask }
    package var debugDescription: String { Secret.mask }
    /// Without children: `dump` and reflection see nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Owns OpenSSL's state of a digest before its first byte.
///
/// `@unchecked Sendable`: the pointer never changes, and the state behind it is not altered after `init`; each digest
/// works on a duplicate of its own, and duplicating only reads.
@safe private final class Start: @unchecked Sendable {
    private let context: OpaquePointer

    /// Without its digests OpenSSL can prove nothing: the process ends, as it does out of memory.
    init(_ key: [UInt8], _ algorithm: HashAlgorithm) {
        let method = unsafe EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil)
        defer { unsafe EVP_MAC_free(method) }
        guard let context = unsafe EVP_MAC_CTX_new(method),
            unsafe ccrypto_hmac_begin(context, key, key.count, algorithm.rawValue) == 1
        else {
            preconditionFailure("OpenSSL has no HMAC with \(algorithm.rawValue)")
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    /// A digest that OpenSSL could not make (out of memory) must not pass for one: the process ends.
    func digest(_ pieces: [[UInt8]], _ algorithm: HashAlgorithm) -> [UInt8] {
        let context = unsafe EVP_MAC_CTX_dup(context)
        defer { unsafe EVP_MAC_CTX_free(context) }
        var isTaken = unsafe context != nil
        for piece in pieces where isTaken {
            isTaken = unsafe EVP_MAC_update(context, piece, piece.count) == 1
        }
        return unsafe [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            guard isTaken, unsafe EVP_MAC_final(context, buffer.baseAddress, &count, buffer.count) == 1 else {
                preconditionFailure("OpenSSL could not compute \(algorithm.rawValue)")
            }
        }
    }
}
