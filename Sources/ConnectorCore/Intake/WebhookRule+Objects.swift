extension WebhookRule {
    /// Types of events whose id is their object's: it comes again with each change, and only the same id with the same body
    /// is a repetition.
    package func typesNamingObjects(of streams: [StreamDefinition]) -> Set<String> {
        let ids: [[String]] = id.map { field in
            if case .path(let path) = field { path } else { [] }
        }
        let named = effects.filter { effect in
            let stream = streams.first { $0.id.stream == effect.stream }
            let key = (effect.key ?? stream?.key ?? [["id"]]).map { (effect.object ?? object) + $0 }
            return events == nil && effect.stream != nil && key == ids
        }
        return Set(named.map(\.types))
    }
}
