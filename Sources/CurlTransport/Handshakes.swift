import Synchronization

/// What servers and we agreed on, by origin, as libcurl tells it; the last handshake counts.
final class Handshakes: Sendable {
    /// As libcurl words it, with whichever TLS library: `SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / …`.
    private static let words = "SSL connection using "
    /// Origins that are remembered: a check asks each connector's once.
    private static let maximum = 4_096
    private static let longestVersion = 16

    private let versions = Mutex<[String: String]>([:])

    func version(at origin: String) -> String? { versions.withLock { $0[origin] } }

    func note(_ line: String, at origin: String) {
        guard line.hasPrefix(Self.words) else { return }
        let version = line.dropFirst(Self.words.count).prefix {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".")
        }
        guard !version.isEmpty, version.count <= Self.longestVersion else { return }
        versions.withLock { versions in
            if versions.count >= Self.maximum { versions = [:] }
            versions[origin] = String(version)
        }
    }
}
