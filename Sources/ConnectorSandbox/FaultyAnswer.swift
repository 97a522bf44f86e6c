import ConnectorCore
import HTTPListener

/// What faults make of an answer: replaced before the API sees the request, or spoiled on its way out.
enum FaultyAnswer {
    /// Default size of `huge`: beyond what a client should accept.
    static let hugeBytes = 128 << 20
    static let deepLevels = 100_000

    /// The answer that stands in for the API's, nil if the API is to answer.
    static func replacement(_ fault: PlannedFault, now: Instant) -> ListenerResponse? {
        let seconds = fault.number("seconds", 1)
        switch fault.kind {
        case .status(let status):
            return error(status)
        case .tooManySeconds:
            return tooMany(retryAfter: String(seconds))
        case .tooManyDate:
            return tooMany(retryAfter: Timestamp.httpDate(now + .seconds(seconds)))
        case .expiredToken:
            return error(401)
        case .htmlError:
            let html = "<!DOCTYPE html><html><body><h1>Wartung &amp; maintenance</h1></body></html>"
            return ListenerResponse(status: 200, headers: ["Content-Type": "text/html"], body: Array(html.utf8))
        case .garbage:
            return .json(200, [0x7B, 0x22, 0xFF, 0xFE, 0x00, 0x80, 0x7D, 0x7D, 0x0A] + Array("\u{7}nonsense,,]".utf8))
        case .deepJSON:
            return .json(200, [UInt8](repeating: UInt8(ascii: "["), count: fault.number("depth", deepLevels)))
        case .huge:
            let start = Array("{\"data\":[".utf8)
            let space = [UInt8](repeating: 0x20, count: max(0, fault.number("bytes", hugeBytes) - start.count))
            return .json(200, start + space)
        case .error200:
            return .json(200, ["error": ["code": "UserError", "message": "Something went wrong, with 200."]])
        default:
            return nil
        }
    }

    private static func error(_ status: Int) -> ListenerResponse {
        .json(status, ["error": ["message": .string("Sandbox fault \(status)"), "type": "api_error"]])
    }

    private static func tooMany(retryAfter: String) -> ListenerResponse {
        var response = error(429)
        response.headers["Retry-After"] = retryAfter
        return response
    }

    /// Spoils the way a finished answer travels.
    static func spoil(_ response: inout ListenerResponse, _ fault: PlannedFault, now: Instant) {
        let half = response.body.count / 2
        let end = fault.number("after_bytes", half)
        switch fault.kind {
        case .reset: response.delivery = end < 0 ? .hangUp : .reset(afterBytes: end)
        case .stall: response.delivery = .stall(afterBytes: end)
        case .short: response.delivery = .truncated(afterBytes: end)
        case .truncate: response.body = Array(response.body.prefix(end))
        case .slow:
            let pause = Duration.milliseconds(fault.number("every_ms", 100))
            response.delivery = .slow(chunk: fault.number("chunk", 1024), every: pause)
        case .gzipInNameOnly: response.headers["Content-Encoding"] = "gzip"
        case .clockSkew:
            response.headers["Date"] = Timestamp.httpDate(now + .seconds(fault.number("seconds", 3600)))
        default: break
        }
    }

    /// What faults ask of the API while it answers.
    static func prepare(_ context: inout PageContext, _ fault: PlannedFault) {
        switch fault.kind {
        case .duplicatePage: context.duplicatesPage = true
        case .reorderPage: context.reordersPage = true
        case .restartOnUnknownAnchor: context.restartsOnUnknownAnchor = true
        case .expiredDelta: context.expiresDelta = true
        case .clockSkew: context.skew = Int64(fault.number("seconds", 3600))
        default: break
        }
    }
}
