import Synchronization

/// Origins whose answers carry a coding libcurl could not decode: asked for `identity`, undecoded, from then on.
final class PlainOrigins: Sendable {
    /// A daemon talks to a few dozen origins; beyond this the oldest is forgotten, which costs one failed attempt.
    static let maximum = 64

    private let origins = Mutex<[String]>([])

    func contains(_ origin: String) -> Bool {
        origins.withLock { $0.contains(origin) }
    }

    func remember(_ origin: String) {
        origins.withLock { origins in
            guard !origins.contains(origin) else { return }
            if origins.count == Self.maximum { origins.removeFirst() }
            origins.append(origin)
        }
    }

    /// The origin codes its answers after all.
    func forget(_ origin: String) {
        origins.withLock { $0.removeAll { $0 == origin } }
    }
}
