import AITBCConnectors
import ConnectorCore

/// What an answer, or the lack of one, means for a batch.
struct SinkAnswer {
    /// The section of `connectord.json5`, for hints.
    let section: String
    let address: String

    /// Statuses that speak of the request's place and form, not of its records: no record could ever pass, and a person
    /// has to correct the settings.
    private static let settingsAtFault: Set<Int> = [404, 405, 406, 407, 410, 411, 415, 421, 426, 428, 431, 451]

    func outcome(_ error: any Error) -> BatchOutcome {
        guard let error = error as? any AITBCError else {
            return failed("the delivery was stopped", "the next sync sends the same again")
        }
        let tooMany = "lower \(section).rate_limit; the next sync sends the same again"
        // Some servers say it with 403.
        if error is RateLimitError { return failed(error.message, tooMany) }
        guard let status = error.statusCode else { return failed(error.message, error.hint) }
        switch status {
        case 401, 403:
            let hint = "check \(section).api_key and auth_type in connectord.json5, then restart"
            return failed(error.message, hint)
        case 408, 425: return failed(error.message, error.hint)
        case 429: return failed(error.message, tooMany)
        case _ where Self.settingsAtFault.contains(status):
            return failed(error.message, "check the address in section \(section) of connectord.json5, then restart")
        case 400..<500: return .refused(Self.refusal(error, restIsKept: false))
        // `success: false`: a refusal where it speaks of the records, else the server's own trouble.
        case 200..<300 where error.code != "BAD_ANSWER":
            let refusal = Self.refusal(error, restIsKept: false)
            let isAboutRecords = !refusal.named.isEmpty || Self.speaksOfRecords(error.code)
            return isAboutRecords ? .refused(refusal) : failed(error.message, error.hint)
        default: return failed(error.message, error.hint)
        }
    }

    private static func speaksOfRecords(_ code: String?) -> Bool {
        guard let code = code?.uppercased() else { return false }
        return ["VALIDATION", "INVALID", "UNPROCESSABLE", "SCHEMA", "DUPLICATE"].contains { code.contains($0) }
    }

    /// Nothing is lost by it: the cursor stays, and the source has the records.
    private func failed(_ message: String, _ hint: String?) -> BatchOutcome {
        let hint = hint ?? "the next sync sends the same again"
        return .failed(SinkError("the sink \(section) (\(address)): \(message)", hint: hint))
    }

    private static func refusal(_ error: any AITBCError, restIsKept: Bool) -> BatchRefusal {
        BatchRefusal(error.message, code: error.code, named: named(in: error.details), restIsKept: restIsKept)
    }

    /// A success may still name records that were not taken; nil when all were.
    static func refusal(in data: JSONValue) -> BatchRefusal? {
        let named = named(in: data)
        if !named.isEmpty { return BatchRefusal("the server did not take the record", named: named, restIsKept: true) }
        guard let count = data["rejected"]?.int64, count > 0 else { return nil }
        return BatchRefusal("the server took all but \(count) records of the batch")
    }

    /// `rejected` or `errors`: indices, or objects with `index`, `error` and `error_code`.
    private static func named(in details: JSONValue) -> [BatchRefusal.Named] {
        let list = details["rejected"]?.array ?? details["errors"]?.array ?? []
        return list.compactMap { entry in
            guard let index = (entry["index"] ?? entry).int64.flatMap({ Int(exactly: $0) }) else { return nil }
            return BatchRefusal.Named(
                index,
                reason: (entry["error"] ?? entry["message"])?.string,
                code: (entry["error_code"] ?? entry["code"])?.string
            )
        }
    }
}
