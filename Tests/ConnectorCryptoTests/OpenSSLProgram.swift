import Foundation

/// OpenSSL's own program: makes keys and judges signatures independently of what is tested.
struct OpenSSLProgram: ~Copyable {
    private static let path = "/usr/bin/openssl"
    static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: path) }

    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(component: "crypto-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            // A temporary folder that stays behind fails no test.
        }
    }

    /// What the program wrote; throws where its exit status is not 0.
    func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments, output: text) }
        return text
    }

    struct Failure: Error {
        let arguments: [String]
        let output: String
    }

    /// Of 2048 bits where not told otherwise.
    func rsaKey(bits: Int = 2048) throws -> String {
        try run(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)"])
    }

    func ecKey(curve: String = "P-256") throws -> String {
        try run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)"])
    }

    func encrypted(_ key: String, passphrase: String) throws -> String {
        try write(key, to: "plain.pem")
        return try run(["pkcs8", "-topk8", "-in", "plain.pem", "-passout", "pass:\(passphrase)"])
    }

    /// In PEM's own encryption, older than PKCS#8's.
    func encryptedTheOldWay(_ ecKey: String, passphrase: String) throws -> String {
        try write(ecKey, to: "plain.pem")
        return try run(["ec", "-in", "plain.pem", "-aes128", "-passout", "pass:\(passphrase)"])
    }

    func publicHalf(of key: String) throws -> String {
        try write(key, to: "key.pem")
        return try run(["pkey", "-in", "key.pem", "-pubout"])
    }

    /// Whether the key's public half accepts a signature (for EC keys: in DER).
    func accepts(_ signature: [UInt8], of message: [UInt8], by key: String) throws -> Bool {
        try write(publicHalf(of: key), to: "public.pem")
        try Data(signature).write(to: folder.appending(component: "signature"))
        try Data(message).write(to: folder.appending(component: "message"))
        do {
            _ = try run(["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message"])
            return true
        } catch is Failure {
            return false
        }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(component: name))
    }
}
