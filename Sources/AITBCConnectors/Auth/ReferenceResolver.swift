import ConnectorConfiguration
public import ConnectorCore
import FileSystem

extension Secret {
    /// Reads a secret from where it is kept, and remembers where: a configuration that bears it can be written down.
    ///
    /// Throws a ``ConfigurationError`` where there is nothing, or more than a secret.
    public init(_ reference: SecretReference) throws {
        do throws(ConfigResolverError) {
            self = try ReferenceResolver().secret(reference)
        } catch {
            throw ConfigurationError(
                ErrorContext("the secret \(error.problem)", code: "SECRET_NOT_READ", hint: error.remedy)
            )
        }
    }
}

/// What a program's own configuration may name.
struct ReferenceResolver: ConfigResolver {
    /// systemd's own limit for a credential.
    private static let maximumBytes = 1 << 20

    func timeZone(_ name: String) throws(ConfigResolverError) -> CalendarRule {
        throw ConfigResolverError("has no meaning here", "leave it out")
    }

    func secret(_ reference: SecretReference) throws(ConfigResolverError) -> Secret {
        switch reference {
        case .environment(let name):
            guard !name.isEmpty, let value = environmentVariable(name) else {
                throw ConfigResolverError("is not in the environment variable \(Self.shown(name))", "set it")
            }
            return Secret(value, from: reference)
        case .file(let path): return Secret(try Self.text(path), from: reference)
        case .credential(let name):
            guard let directory = environmentVariable("CREDENTIALS_DIRECTORY"), !name.contains("/"), name != ".." else {
                throw ConfigResolverError(
                    "is no credential of this process: \(Self.shown(name))",
                    "add it with LoadCredential="
                )
            }
            return Secret(try Self.text("\(directory)/\(name)"), from: reference)
        }
    }

    /// Without the newline that editors write at the end.
    private static func text(_ path: String) throws(ConfigResolverError) -> String {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.contents(of: path, limit: maximumBytes)
        } catch {
            throw ConfigResolverError("can't be read: \(error)", "check the path, and that this program may read it")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigResolverError("in \(shown(path)) is no text", "write it as UTF-8")
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw ConfigResolverError("in \(shown(path)) is empty", "write it there") }
        return text
    }

    private static func shown(_ text: String) -> String { text.escapingControls(maximumBytes: 200) }
}
