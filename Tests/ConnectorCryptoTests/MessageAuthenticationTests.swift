import ConnectorCore
import ConnectorCrypto
import Testing

struct MessageAuthenticationTests {
    struct Keyed: Sendable {
        let key: [UInt8]
        let message: String
        let algorithm: HashAlgorithm
        let digest: String

        init(_ key: [UInt8], _ message: String, _ algorithm: HashAlgorithm, _ digest: String) {
            self.key = key
            self.message = message
            self.algorithm = algorithm
            self.digest = digest
        }
    }

    /// RFC 4231 § 4.2, 4.3 and 4.7: a short key, a shorter one, and one that is longer than a block.
    static let keyed = [
        Keyed(
            [UInt8](repeating: 0x0B, count: 20),
            "Hi There",
            .sha256,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        Keyed(
            [UInt8](repeating: 0x0B, count: 20),
            "Hi There",
            .sha384,
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
        ),
        Keyed(
            [UInt8](repeating: 0x0B, count: 20),
            "Hi There",
            .sha512,
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        ),
        Keyed(
            Array("Jefe".utf8),
            "what do ya want for nothing?",
            .sha256,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        Keyed(
            Array("Jefe".utf8),
            "what do ya want for nothing?",
            .sha384,
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        ),
        Keyed(
            Array("Jefe".utf8),
            "what do ya want for nothing?",
            .sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
        Keyed(
            [UInt8](repeating: 0xAA, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            .sha256,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        Keyed(
            [UInt8](repeating: 0xAA, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            .sha384,
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"
        ),
        Keyed(
            [UInt8](repeating: 0xAA, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            .sha512,
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        ),
    ]

    @Test(arguments: keyed) func `a keyed digest is that of RFC 4231`(row: Keyed) {
        let digest = MessageAuthentication.hmac(Array(row.message.utf8), key: row.key, row.algorithm)
        #expect(HexText.text(digest) == row.digest)
    }

    @Test(arguments: keyed) func `a key gives the same digest of every cut of a message, and again`(row: Keyed) {
        let key = HMACKey(row.key, row.algorithm)
        let message = Array(row.message.utf8)
        for cut in 0...message.count {
            let digest = key.digest([Array(message[..<cut]), [], Array(message[cut...])])
            #expect(HexText.text(digest) == row.digest)
        }
        #expect("\(key)" == Secret.mask)
    }

    @Test func `many threads make digests with one key`() async {
        let key = HMACKey(Array("Jefe".utf8))
        let message = Array("what do ya want for nothing?".utf8)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<1000).allSatisfy { _ in
                        key.digest([message]) == MessageAuthentication.hmac(message, key: Array("Jefe".utf8))
                    }
                }
            }
            for await isRight in group {
                #expect(isRight)
            }
        }
    }

    /// FIPS 180-4's examples: nothing, `abc`, and two blocks.
    static let plain: [(String, HashAlgorithm, String)] = [
        (
            "", .sha256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ),
        (
            "", .sha384,
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"
        ),
        (
            "", .sha512,
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        (
            "abc", .sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        (
            "abc", .sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "abc", .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", .sha256,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", .sha384,
            "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", .sha512,
            "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
                + "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"
        ),
    ]

    @Test(arguments: plain) func `a digest is that of FIPS 180-4`(
        message: String,
        algorithm: HashAlgorithm,
        digest: String
    ) {
        #expect(HexText.text(MessageAuthentication.hash(Array(message.utf8), algorithm)) == digest)
        #expect(digest.count == algorithm.byteCount * 2)
    }

    @Test func `an empty key and an empty message have a keyed digest`() {
        let digest = HexText.text(MessageAuthentication.hmac([], key: []))
        #expect(HexText.text(HMACKey([]).digest([])) == digest)
        #expect(digest == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `bytes compare by all of their bits`() {
        let bytes: [UInt8] = [0, 1, 255]
        #expect(ConstantTime.isEqual(bytes, bytes) && ConstantTime.isEqual([], []))
        #expect(!ConstantTime.isEqual(bytes, [0, 1]) && !ConstantTime.isEqual([], bytes))
        for bit in 0..<24 {
            var other = bytes
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!ConstantTime.isEqual(bytes, other))
        }
    }

    @Test func `random bytes differ, and a random UUID says that it is one`() {
        #expect(RandomBytes.make(32) != RandomBytes.make(32))
        #expect(RandomBytes.make(0).isEmpty)
        let uuid = Array(RandomBytes.uuid())
        #expect(uuid.count == 36 && uuid[14] == "4" && "89ab".contains(uuid[19]))
    }
}
