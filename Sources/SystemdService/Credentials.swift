import ConnectorCore
import FileSystem
import Glibc

/// Why a secret could not be read. Never holds a part of it.
package struct CredentialError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case invalidName
        case notFound
        case unreadable
        case tooLarge
        case notText
        case empty
    }

    package var code: Code
    package var message: String
    package var hint: String

    package init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(message); \(hint)" }
}

/// A secret as read. Prints nothing of itself, not even to a debugger's dump.
package struct Credential: Sendable, Equatable {
    package var value: String
    /// Something the operator should mend, though the secret can be used.
    package var warning: String?

    package init(value: String, warning: String? = nil) {
        self.value = value
        self.warning = warning
    }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Reads secrets from where the configuration says they are.
package struct Credentials: Sendable {
    /// systemd's own limit for a credential.
    package static let maximumBytes = 1 << 20

    private let directory: String?

    /// `directory` is systemd's `$CREDENTIALS_DIRECTORY`; nil off systemd.
    package init(directory: String?) {
        self.directory = directory
    }

    package static func fromEnvironment() -> Credentials {
        Credentials(directory: environmentVariable("CREDENTIALS_DIRECTORY"))
    }

    /// Those of a running unit, for commands that root runs in a shell; nil where they can't be seen.
    package static func ofUnit(_ name: String) -> Credentials? {
        let directory = "/run/credentials/\(name)"
        return unsafe access(directory, R_OK | X_OK) == 0 ? Credentials(directory: directory) : nil
    }

    /// Whether there is a place where credentials would be.
    package var hasDirectory: Bool { directory != nil }

    /// A credential that the unit loads (`LoadCredential=NAME:…`).
    package func credential(_ name: String) throws(CredentialError) -> Credential {
        guard Self.isFileName(name) else {
            throw CredentialError(
                .invalidName,
                "\"\(name.escapingControls(maximumBytes: 64))\" is not a credential's name",
                hint: "use the name after LoadCredential=, without slashes"
            )
        }
        guard let directory else {
            throw CredentialError(
                .notFound,
                "there are no credentials: $CREDENTIALS_DIRECTORY is not set",
                hint: "add LoadCredential=\(name):/path/to/file to the unit, or use { file: … } outside of systemd"
            )
        }
        var found = try read("\(directory)/\(name)", hint: "add LoadCredential=\(name):/path/to/file to the unit")
        // systemd itself sees to who may read this directory.
        found.warning = nil
        return found
    }

    /// A file of the operator's. One that others may read is used, with a warning.
    package func file(_ path: String) throws(CredentialError) -> Credential {
        try read(path, hint: "check the path, and that the service's user may read the file")
    }

    package func environment(_ name: String) throws(CredentialError) -> Credential {
        guard let value = environmentVariable(name) else {
            throw CredentialError(
                .notFound,
                "the environment variable \(name) is not set, or empty",
                hint: "set it in the unit with EnvironmentFile=, or better, use a credential"
            )
        }
        return Credential(value: value)
    }

    private func read(_ path: String, hint: String) throws(CredentialError) -> Credential {
        // Non-blocking, so that a named pipe by mistake does not hold up the start.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw CredentialError(
                code == ENOENT ? .notFound : .unreadable,
                "cannot open \(path): \(errorText(code))",
                hint: hint
            )
        }
        defer { close(descriptor) }
        let mode = try regularFileMode(of: descriptor, path: path)
        let value = try text(of: contents(of: descriptor, path: path), path: path)
        return Credential(value: value, warning: Self.warning(mode: mode, path: path))
    }

    private func regularFileMode(of descriptor: Int32, path: String) throws(CredentialError) -> mode_t {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CredentialError(.unreadable, "\(path) is not a file", hint: "name the file that holds the secret")
        }
        return status.st_mode
    }

    private func contents(of descriptor: Int32, path: String) throws(CredentialError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= Self.maximumBytes {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 { bytes += buffer[..<count] }
            guard count > 0 || errno == EINTR else {
                throw CredentialError(.unreadable, "cannot read \(path): \(errorText(errno))", hint: "check the disk")
            }
        }
        throw CredentialError(
            .tooLarge,
            "\(path) is larger than \(Self.maximumBytes) bytes",
            hint: "name the file that holds the secret and nothing else"
        )
    }

    /// The text without the line break that editors and `echo` put at the end.
    private func text(of bytes: [UInt8], path: String) throws(CredentialError) -> String {
        var trimmed = bytes[...]
        if trimmed.last == UInt8(ascii: "\n") { trimmed = trimmed.dropLast() }
        if trimmed.last == UInt8(ascii: "\r") { trimmed = trimmed.dropLast() }
        guard !trimmed.isEmpty else {
            throw CredentialError(.empty, "\(path) is empty", hint: "write the secret into it")
        }
        guard let text = String(validating: trimmed, as: UTF8.self), !trimmed.contains(0) else {
            throw CredentialError(.notText, "\(path) is not UTF-8 text", hint: "store the secret as text")
        }
        return text
    }

    private static func warning(mode: mode_t, path: String) -> String? {
        guard mode & (S_IROTH | S_IWOTH | S_IWGRP) != 0 else { return nil }
        return "\(path) can be read or changed by other users; chmod 600 it"
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7F }
    }
}
