import CCrypto

/// The members of the SHA-2 family (FIPS 180-4) that signatures here are made with.
package enum HashAlgorithm: String, Sendable, CaseIterable {
    case sha256
    case sha384
    case sha512

    /// Of the digest.
    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// OpenSSL's own constant: lives as long as the process, nobody frees it.
    var method: OpaquePointer? {
        switch self {
        case .sha256: unsafe EVP_sha256()
        case .sha384: unsafe EVP_sha384()
        case .sha512: unsafe EVP_sha512()
        }
    }
}

/// Digests and keyed digests of bytes, in one call each.
package enum MessageAuthentication {
    /// SHA-2 of a message.
    package static func hash(_ message: [UInt8], _ algorithm: HashAlgorithm = .sha256) -> [UInt8] {
        unsafe filled(algorithm) { digest, length in
            unsafe EVP_Digest(message, message.count, digest, &length, algorithm.method, nil) == 1
        }
    }

    /// HMAC (RFC 2104) of a message under a key.
    package static func hmac(_ message: [UInt8], key: [UInt8], _ algorithm: HashAlgorithm = .sha256) -> [UInt8] {
        unsafe filled(algorithm) { digest, length in
            let count = Int32(clamping: key.count)
            return unsafe HMAC(algorithm.method, key, count, message, message.count, digest, &length) != nil
        }
    }

    /// A digest that OpenSSL could not make (out of memory) must not pass for one: the process ends.
    private static func filled(
        _ algorithm: HashAlgorithm,
        _ fill: (UnsafeMutablePointer<UInt8>, inout UInt32) -> Bool
    ) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            var length: UInt32 = 0
            guard let digest = buffer.baseAddress, unsafe fill(digest, &length) else {
                preconditionFailure("OpenSSL could not compute \(algorithm.rawValue)")
            }
            count = Int(length)
        }
    }
}

/// Comparison that takes as long for a wrong guess as for a right one.
package enum ConstantTime {
    package static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
