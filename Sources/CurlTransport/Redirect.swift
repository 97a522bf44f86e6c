import ConnectorCore

/// What to do with an answer that points elsewhere.
///
/// Followed only within the same origin: every header, credentials included, is sent again, and libcurl's own
/// following would carry custom ones (`X-Api-Key`) to a stranger.
enum Redirect: Equatable {
    case none
    case follow(RequestTarget)

    /// Enough for a trailing slash, a canonical path and a version; more is a loop.
    static let maximumHops = 5

    init(of response: TransportResponse, to method: String, at target: RequestTarget, hops: Int) throws(TransportError)
    {
        guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"] else {
            self = .none
            return
        }
        guard hops < Self.maximumHops else { throw .refused("more than \(Self.maximumHops) redirects; a loop?") }
        // 301 to 303 would turn a write into a GET, and the write would be lost without a word.
        guard method == "GET" || method == "HEAD" || response.status >= 307 else {
            throw .refused("a \(method) was answered by redirect \(response.status); configure the final address")
        }
        let next = try Self.resolve(location, from: target)
        guard next.origin == target.origin else {
            throw .refused(
                "\(target.origin) redirects to \(next.origin); credentials are not sent to another origin. "
                    + "If it is the right one, configure it as the address"
            )
        }
        self = .follow(next)
    }

    private static func resolve(_ location: String, from target: RequestTarget) throws(TransportError) -> RequestTarget
    {
        do {
            return try target.resolving(location)
        } catch {
            throw .refused("\(target.origin) redirects to an unusable address: \(error.message)")
        }
    }
}

extension TransportError {
    /// The server has answered, so it has seen the request.
    fileprivate static func refused(_ message: String) -> TransportError {
        TransportError(.redirectRefused, message, mayHaveBeenSent: true)
    }
}
