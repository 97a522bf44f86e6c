import ConnectorCore
import ConnectorCrypto
import Testing

@Suite(.enabled(if: OpenSSLProgram.isPresent, "needs the openssl program"))
struct SigningKeyTests {
    private static let message = Array("what is signed".utf8)

    private static func key(_ pem: String, passphrase: String? = nil) throws(CryptoError) -> SigningKey {
        try SigningKey(pem: Secret(pem), passphrase: passphrase.map { Secret($0) })
    }

    /// The error of reading a key, or of signing with it.
    private static func failure(
        _ pem: String,
        passphrase: String? = nil,
        signing algorithm: JWTAlgorithm = .es256
    ) -> String? {
        do throws(CryptoError) {
            _ = try key(pem, passphrase: passphrase).sign(message, algorithm)
            return nil
        } catch {
            return error.description
        }
    }

    /// `r || s` as the DER that OpenSSL's program reads.
    private static func der(_ signature: [UInt8]) -> [UInt8] {
        let numbers = [signature.prefix(32), signature.suffix(32)].map { half in
            var number = Array(half.drop { $0 == 0 })
            if number.first.map({ $0 > 0x7F }) ?? true { number.insert(0, at: 0) }
            return [0x02, UInt8(number.count)] + number
        }.joined()
        return [0x30, UInt8(numbers.count)] + numbers
    }

    @Test func `a signature by RS256 is one to OpenSSL, too`() throws {
        let openssl = try OpenSSLProgram()
        let pem = try openssl.rsaKey()
        let signature = try Self.key(pem).sign(Self.message, .rs256)
        #expect(signature.count == 256)
        #expect(try openssl.accepts(signature, of: Self.message, by: pem))
        #expect(try !openssl.accepts(signature, of: Self.message + [0], by: pem))
    }

    @Test func `a signature by ES256 is 64 bytes, and one to OpenSSL`() throws {
        let openssl = try OpenSSLProgram()
        let pem = try openssl.ecKey()
        let key = try Self.key(pem)
        let signature = try key.sign(Self.message, .es256)
        #expect(signature.count == 64)
        #expect(try openssl.accepts(Self.der(signature), of: Self.message, by: pem))
        #expect(try !openssl.accepts(Self.der(signature), of: Self.message + [0], by: pem))
        // A number has a leading zero in one of 128 signatures; each is 64 bytes all the same.
        for _ in 0..<1000 {
            #expect(try key.sign(Self.message, .es256).count == 64)
        }
    }

    @Test func `an encrypted key opens with its passphrase only`() throws {
        let openssl = try OpenSSLProgram()
        let plain = try openssl.ecKey()
        let keys = [
            try openssl.encrypted(plain, passphrase: "right-horse"),
            try openssl.encryptedTheOldWay(plain, passphrase: "right-horse"),
        ]
        for pem in keys {
            let signature = try Self.key(pem, passphrase: "right-horse").sign(Self.message, .es256)
            #expect(try openssl.accepts(Self.der(signature), of: Self.message, by: plain))
            let wrong = try #require(Self.failure(pem, passphrase: "wrong-horse"))
            #expect(wrong.contains("OpenSSL says: "))
            #expect(!wrong.contains("horse"))
            #expect(Self.failure(pem, passphrase: "")?.contains("could not be read") == true)
            #expect(Self.failure(pem)?.contains("no passphrase") == true)
            let endless = String(repeating: "x", count: 5000)
            #expect(Self.failure(pem, passphrase: endless)?.contains("longer than") == true)
        }
        // A passphrase that is not needed does no harm.
        #expect(Self.failure(plain, passphrase: "right-horse") == nil)
    }

    @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "\0"])
    func `what is no key is refused in words`(pem: String) throws {
        let failure = try #require(Self.failure(pem))
        #expect(failure.hasPrefix("the private key could not be read from its PEM text: OpenSSL says: "))
    }

    @Test func `a public key does not sign`() throws {
        let openssl = try OpenSSLProgram()
        let failure = Self.failure(try openssl.publicHalf(of: try openssl.ecKey()))
        #expect(failure?.contains("could not be read") == true)
    }

    @Test func `an algorithm takes its own kind of key`() throws {
        let openssl = try OpenSSLProgram()
        let edwards = try openssl.run(["genpkey", "-algorithm", "ed25519"])
        let rsa = try openssl.rsaKey()
        #expect(Self.failure(try openssl.ecKey(), signing: .rs256)?.contains("RSA key") == true)
        #expect(Self.failure(edwards, signing: .rs256)?.contains("RSA key") == true)
        #expect(Self.failure(edwards, signing: .es256)?.contains("P-256") == true)
        #expect(Self.failure(rsa, signing: .es256)?.contains("P-256") == true)
        #expect(Self.failure(try openssl.ecKey(curve: "P-384"), signing: .es256)?.contains("P-256") == true)
        #expect(Self.failure(try openssl.rsaKey(bits: 1024), signing: .rs256)?.contains("at least 2048 bits") == true)
    }

    @Test func `a key prints nothing of itself`() throws {
        let key = try Self.key(try OpenSSLProgram().ecKey())
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains(Secret.mask) && !text.contains("0x"))
        }
    }

    @Test func `many tasks sign with one key at once`() async throws {
        let openssl = try OpenSSLProgram()
        let key = try Self.key(try openssl.rsaKey())
        let expected = try key.sign(Self.message, .rs256)
        let signatures = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<100 {
                group.addTask { try key.sign(Self.message, .rs256) }
            }
            return try await group.reduce(into: [[UInt8]]()) { $0.append($1) }
        }
        #expect(signatures.allSatisfy { $0 == expected })
    }

    @Test(arguments: [nil, "key-7"]) func `a token has three parts and a signature over two`(keyID: String?) throws {
        let openssl = try OpenSSLProgram()
        let pem = try openssl.ecKey()
        let claims: JSONValue = ["iss": "me", "exp": 1_800_000_300]
        let token = try JSONWebToken.make(claims: claims, key: Self.key(pem), algorithm: .es256, keyID: keyID)
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        try #require(parts.count == 3)
        let header = try JSONValue(parsing: Self.bytes(parts[0]))
        #expect(header["alg"] == "ES256" && header["typ"] == "JWT" && header["kid"]?.string == keyID)
        #expect(try JSONValue(parsing: Self.bytes(parts[1])) == claims)
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        #expect(try openssl.accepts(Self.der(Self.bytes(parts[2])), of: signed, by: pem))
    }

    /// The bytes of URL-safe base64 without padding.
    private static func bytes(_ text: Substring) throws -> [UInt8] {
        let alphabet = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        return try #require(Base64Text.bytes(String(alphabet) + padding))
    }
}
