import ConnectorConfiguration
import ConnectorCore
import Synchronization
import SystemdService

/// Secrets from systemd's credentials, files and the environment; zones from the system's database.
final class SystemResolver: ConfigResolver, Sendable {
    private static let unit = "aitbc-connectord.service"

    /// Stands for a secret that only the service sees, and passes for a key in hex where one has to be.
    private static let notLookedAt = String(repeating: "0", count: 64)

    private let credentials: Credentials
    private let needsCredentials: Bool
    private let missing = Mutex<Set<String>>([])
    private let warnings = Mutex<Set<String>>([])

    init(needsCredentials: Bool) {
        let own = Credentials.fromEnvironment()
        credentials = own.hasDirectory ? own : Credentials.ofUnit(Self.unit) ?? own
        self.needsCredentials = needsCredentials
    }

    /// What should be mended of secrets that can be used, and which were not looked at.
    var remarks: [String] { warnings.withLock { $0.sorted() } + (unseen.map { [$0] } ?? []) }

    private var unseen: String? {
        let names = missing.withLock { $0.sorted() }
        guard !names.isEmpty else { return nil }
        return
            "\(Counted.text(names.count, "credential")) not looked at, since only the running service sees credentials: "
            + names.joined(separator: ", ")
    }

    func secret(_ source: SecretReference) throws(ConfigResolverError) -> Secret {
        if case .credential(let name) = source, !needsCredentials, !credentials.hasDirectory {
            missing.withLock { _ = $0.insert(name) }
            return Secret(Self.notLookedAt)
        }
        do throws(CredentialError) {
            let found: Credential =
                switch source {
                case .credential(let name): try credentials.credential(name)
                case .file(let path): try credentials.file(path)
                case .environment(let name): try credentials.environment(name)
                }
            if let warning = found.warning { warnings.withLock { _ = $0.insert(warning) } }
            return Secret(found.value)
        } catch {
            throw ConfigResolverError(error.message, error.hint)
        }
    }

    func timeZone(_ name: String) throws(ConfigResolverError) -> CalendarRule {
        if name == "UTC" { return .utc }
        let isSafe = name.utf8.allSatisfy { $0 != 0x2E && $0 > 0x20 } && !name.hasPrefix("/")
        guard isSafe, case .success(let bytes) = ConfigFile.bytes("/usr/share/zoneinfo/\(name)") else {
            throw ConfigResolverError(
                "there is no time zone \"\(name)\"",
                "write a name such as Europe/Zurich; the package tzdata must be installed"
            )
        }
        do throws(TZifError) {
            return try CalendarRule(name: name, tzif: bytes)
        } catch {
            throw ConfigResolverError(
                "the time zone \"\(name)\" can't be read: \(error)",
                "reinstall the package tzdata"
            )
        }
    }
}
