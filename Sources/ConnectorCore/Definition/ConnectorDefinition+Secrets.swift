extension ConnectorDefinition {
    /// All that is configured. No name comes twice.
    package var credentials: [NamedSecret] {
        auth.secrets.enumerated().map { NamedSecret("\(auth.name).\($0.offset)", $0.element) } + carried
    }

    /// What requests bear besides the proof: `secrets`, and what is written out in settings, headers and queries.
    package var carried: [NamedSecret] {
        secrets.map { NamedSecret($0.key, $0.value) }.sorted { $0.name < $1.name } + writtenOut.flatMap(\.withWords)
    }

    /// What stands in settings, headers and queries as it is sent, under a name that speaks of a credential; named by its
    /// place.
    package var writtenOut: [NamedSecret] {
        let plain = settings.sorted { $0.key < $1.key }.compactMap { name, value -> NamedSecret? in
            guard case .json(.string(let text)) = value else { return nil }
            return NamedSecret.writtenOut(name, as: name, Template(text)?.literal)
        }
        var places = [("headers", headers)]
        for stream in streams {
            places.append(("streams.\(stream.id.stream).query", stream.query))
            places.append(("streams.\(stream.id.stream).headers", stream.headers))
        }
        for (name, operation) in operations.sorted(by: { $0.key < $1.key }) {
            places.append(("operations.\(name).query", operation.query))
            places.append(("operations.\(name).headers", operation.headers))
        }
        return plain
            + places.flatMap { place, parameters in
                parameters.compactMap {
                    NamedSecret.writtenOut($0.name, as: "\(place).\($0.name)", $0.value.literal)
                }
            }
    }
}

extension NamedSecret {
    /// Nil for what is no credential, or is written nowhere.
    fileprivate static func writtenOut(_ name: String, as place: String, _ text: String?) -> NamedSecret? {
        guard let text, SecretName.isOne(name, of: text) else { return nil }
        return NamedSecret(place, Secret(text))
    }

    /// Behind a scheme, as in `Bearer …`, the rest is the secret.
    fileprivate var withWords: [NamedSecret] {
        let words = secret.reveal().split(separator: " ").dropFirst().map(String.init)
        let long = words.enumerated().filter { SecretName.looksSecret($0.element) }
        return [self] + long.map { NamedSecret("\(name).\($0.offset + 1)", Secret($0.element)) }
    }
}
