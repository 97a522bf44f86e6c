import ConnectorCore

extension Checkpoint {
    var brief: String {
        let remembered = remember.values.joined().map { $0.keyText ?? String($0.key.low) }.sorted()
        let forgotten = forget.values.joined().map { String($0.low) }.sorted()
        let range = forgetBetween.map { " forget ]\($0.above), \($0.below)[" } ?? ""
        return
            "cursor \(state.cursor.brief) remember \(remembered) forget \(forgotten)\(range) walk \(state.walk ?? "-")"
    }
}

extension Int64? {
    var brief: String { map(String.init) ?? "-" }
}
