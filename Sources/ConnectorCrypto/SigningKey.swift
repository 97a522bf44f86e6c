import CCrypto
package import ConnectorCore

/// How a JSON Web Token is signed (RFC 7518 § 3.1); the raw value is its name in the token's header.
package enum JWTAlgorithm: String, Sendable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// ECDSA on the curve P-256 with SHA-256.
    case es256 = "ES256"
}

/// A private key that signs. It prints nothing of itself.
package struct SigningKey: Sendable {
    private let key: PrivateKey

    /// Reads an RSA or EC key in PEM: PKCS#8 (also encrypted) or the older forms of each kind.
    package init(pem: Secret, passphrase: Secret? = nil) throws(CryptoError) {
        key = try PrivateKey(pem: pem.reveal(), passphrase: passphrase?.reveal())
    }

    /// The signature of a message, as a token bears it: for RS256 as long as the modulus, for ES256 the 64 bytes
    /// `r || s` (RFC 7518 § 3.4).
    package func sign(_ message: [UInt8], _ algorithm: JWTAlgorithm) throws(CryptoError) -> [UInt8] {
        try key.check(algorithm)
        let signature = try key.signature(message)
        return switch algorithm {
        case .rs256: signature
        case .es256: try ECDSASignature.concatenated(signature)
        }
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Secret.mask }
    package var debugDescription: String { Secret.mask }
    /// Without children: `dump` and reflection see nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Owns OpenSSL's key.
///
/// `@unchecked Sendable`: the pointer never changes and the key behind it is not altered after it was read; OpenSSL
/// lets any number of threads sign with one key at a time, each with its own context.
@safe private final class PrivateKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(pem: String, passphrase: String?) throws(CryptoError) {
        // Without one, OpenSSL would ask the terminal.
        if passphrase == nil, pem.contains("ENCRYPTED") {
            throw CryptoError("the private key is encrypted, and there is no passphrase for it")
        }
        guard (passphrase?.utf8.count ?? 0) < PEM_BUFSIZE else {
            throw CryptoError("the private key's passphrase is longer than \(PEM_BUFSIZE - 1) bytes")
        }
        ERR_clear_error()
        guard let pointer = unsafe PrivateKey.read(Array(pem.utf8), passphrase ?? "") else {
            throw .withWordsOfOpenSSL("the private key could not be read from its PEM text")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }

    private static func read(_ pem: [UInt8], _ passphrase: String) -> OpaquePointer? {
        guard let source = unsafe BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { unsafe BIO_free(source) }
        // With no callback, the last argument is the passphrase itself, ended by a zero.
        return unsafe passphrase.withCString { passphrase in
            unsafe PEM_read_bio_PrivateKey(source, nil, nil, UnsafeMutableRawPointer(mutating: passphrase))
        }
    }

    /// What RFC 7518 § 3.3 and § 3.4 demand of a key.
    func check(_ algorithm: JWTAlgorithm) throws(CryptoError) {
        let bits = unsafe EVP_PKEY_get_bits(pointer)
        switch algorithm {
        case .rs256:
            guard unsafe EVP_PKEY_is_a(pointer, "RSA") == 1 else {
                throw CryptoError("RS256 needs an RSA key, and this is another kind")
            }
            guard bits >= PrivateKey.minimumRSABits else {
                throw CryptoError(
                    "RS256 needs an RSA key of at least \(PrivateKey.minimumRSABits) bits, and this one has \(bits)"
                )
            }
        case .es256:
            guard unsafe EVP_PKEY_is_a(pointer, "EC") == 1, curve == PrivateKey.curveOfES256 else {
                throw CryptoError("ES256 needs an EC key on the curve P-256, and this is another kind")
            }
        }
    }

    private static let minimumRSABits = 2048
    /// OpenSSL's name of P-256.
    private static let curveOfES256 = "prime256v1"

    private var curve: String {
        var length = 0
        var name = [CChar](repeating: 0, count: 64)
        guard unsafe EVP_PKEY_get_group_name(pointer, &name, name.count, &length) == 1 else { return "" }
        return String(decoding: name.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Over SHA-256, in OpenSSL's own form of the key's kind.
    func signature(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        ERR_clear_error()
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var length = 0
        guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pointer) == 1,
            unsafe EVP_DigestSign(context, nil, &length, message, message.count) == 1
        else { throw .withWordsOfOpenSSL("the private key can't sign") }
        var signature = [UInt8](repeating: 0, count: length)
        guard unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
            throw .withWordsOfOpenSSL("the private key could not sign")
        }
        return Array(signature.prefix(length))
    }
}

/// The two numbers of an ECDSA signature.
private enum ECDSASignature {
    /// Of a number on P-256.
    private static let byteCount = 32

    /// From DER to `r || s`, each with its leading zeros.
    static func concatenated(_ der: [UInt8]) throws(CryptoError) -> [UInt8] {
        let numbers = unsafe der.withUnsafeBufferPointer { der -> [UInt8]? in
            var start = der.baseAddress
            guard let signature = unsafe d2i_ECDSA_SIG(nil, &start, der.count) else { return nil }
            defer { unsafe ECDSA_SIG_free(signature) }
            guard let first = unsafe bytes(ECDSA_SIG_get0_r(signature)),
                let second = unsafe bytes(ECDSA_SIG_get0_s(signature))
            else { return nil }
            return first + second
        }
        guard let numbers else { throw .withWordsOfOpenSSL("the ECDSA signature could not be read") }
        return numbers
    }

    private static func bytes(_ number: OpaquePointer?) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        guard unsafe BN_bn2binpad(number, &bytes, Int32(byteCount)) == byteCount else { return nil }
        return bytes
    }
}
