package import ConnectorCore

extension ConfigReader {
    /// One place, or `{ any: [ …, … ] }` for several, of which the first that holds something counts.
    package mutating func paths(_ key: String) -> [[String]] {
        guard let item = optional(key) else { return [] }
        guard case .object = item.value.kind else { return FieldPath.parse(item).map { [$0] } ?? [] }
        let paths = item.object { (reader: inout ConfigReader) -> [[String]]? in
            guard let any = reader.required("any", "a list of paths"),
                let paths = any.elements({ FieldPath.parse($0) })
            else { return nil }
            if paths.isEmpty { any.error("names no place", "write the paths, such as [\"message\", \"error.detail\"]") }
            return paths
        }
        return paths ?? []
    }

    /// A code, a beginning of codes with a `*` behind it, or an object of what must fit together.
    package mutating func errorMatches(_ key: String) -> [ErrorMatch] {
        optional(key)?.elements { item -> ErrorMatch? in
            guard case .object = item.value.kind else { return item.string().map { ErrorMatch(code: $0) } }
            return item.object { reader in
                let match = ErrorMatch(
                    code: reader.optionalString("code"),
                    message: reader.optionalString("message"),
                    status: reader.optionalInteger("status", range: 100...599)
                )
                guard match != ErrorMatch() else {
                    item.error("fits every error", "give a code, a part of the message, or a status")
                    return nil
                }
                return match
            }
        } ?? []
    }
}
