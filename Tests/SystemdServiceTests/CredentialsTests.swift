import Glibc
import SystemdService
import Testing

@Suite
struct CredentialsTests {
    let scratch = Scratch()

    @Test(arguments: [
        ("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("a\nb\n\n", "a\nb\n"), (" x ", " x "),
    ])
    func `one line break at the end is not part of the secret`(written: String, value: String) throws {
        _ = scratch.write(Array(written.utf8))
        #expect(try Credentials(directory: scratch.path).credential("secret") == Credential(value: value))
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\0b", "a\nb", String(repeating: "x", count: 256)])
    func `a name that could leave the directory is refused`(_ name: String) throws {
        let error = try #require(throws: CredentialError.self) {
            try Credentials(directory: scratch.path).credential(name)
        }
        #expect(error.code == .invalidName)
        #expect(!error.message.contains("\n"))
    }

    @Test
    func `without a credentials directory the answer says so`() throws {
        let error = try #require(throws: CredentialError.self) { try Credentials(directory: nil).credential("stripe") }
        #expect(error.code == .notFound)
        #expect(error.hint.contains("LoadCredential=stripe:"))
    }

    @Test
    func `a missing one is named`() throws {
        let error = try #require(throws: CredentialError.self) {
            try Credentials(directory: scratch.path).credential("nothing")
        }
        #expect(error.code == .notFound)
        #expect(error.message.contains("\(scratch.path)/nothing"))
    }

    @Test(
        arguments: [(0o600, false), (0o640, false), (0o400, false), (0o644, true), (0o660, true), (0o602, true)]
            as [(mode_t, Bool)]
    )
    func `a file that others can read is used with a warning`(mode: mode_t, warns: Bool) throws {
        let file = scratch.write(Array("s3cret".utf8), mode: mode)
        let found = try Credentials(directory: nil).file(file)
        #expect(found.value == "s3cret")
        #expect((found.warning != nil) == warns)
        #expect(found.warning?.contains("s3cret") != true)
    }

    @Test(arguments: [
        ([], CredentialError.Code.empty), ([10], .empty), ([0xFF, 0xFE], .notText), ([65, 0, 66], .notText),
    ])
    func `what is no secret is refused`(bytes: [UInt8], code: CredentialError.Code) throws {
        let file = scratch.write(bytes)
        let error = try #require(throws: CredentialError.self) { try Credentials(directory: nil).file(file) }
        #expect(error.code == code)
        #expect(error.message.contains(file))
    }

    @Test
    func `the size is limited`() throws {
        let file = scratch.write([UInt8](repeating: 65, count: Credentials.maximumBytes))
        #expect(try Credentials(directory: nil).file(file).value.utf8.count == Credentials.maximumBytes)
        _ = scratch.write([UInt8](repeating: 65, count: Credentials.maximumBytes + 1))
        let error = try #require(throws: CredentialError.self) { try Credentials(directory: nil).file(file) }
        #expect(error.code == .tooLarge)
        #expect(!error.description.contains("AAAA"))
    }

    @Test
    func `a directory or a pipe is not a secret and does not block`() throws {
        #expect(unsafe mkfifo("\(scratch.path)/pipe", 0o600) == 0)
        for path in [scratch.path, "\(scratch.path)/pipe"] {
            let error = try #require(throws: CredentialError.self) { try Credentials(directory: nil).file(path) }
            #expect(error.code == .unreadable)
        }
    }

    @Test
    func `an environment variable that is not set is named`() throws {
        let error = try #require(throws: CredentialError.self) {
            try Credentials(directory: nil).environment("CONNECTORD_TEST_UNSET")
        }
        #expect(error.code == .notFound)
        #expect(error.message.contains("CONNECTORD_TEST_UNSET"))
        #expect(try !Credentials(directory: nil).environment("PATH").value.isEmpty)
    }

    @Test
    func `a credential does not print its value`() {
        let credential = Credential(value: "s3cret")
        #expect("\(credential)" == "(secret)")
        #expect(String(reflecting: credential) == "(secret)")
        var dumped = ""
        dump(credential, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }
}
