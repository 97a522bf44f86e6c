extension ConnectorDefinition {
    /// All that is configured: its proof, `secrets`, and what is written out in headers and queries. No name comes twice.
    package var credentials: [NamedSecret] {
        let proof = auth.secrets.enumerated().map { NamedSecret("auth.\($0.offset)", $0.element) }
        let named = secrets.map { NamedSecret($0.key, $0.value) }.sorted { $0.name < $1.name }
        return proof + named + writtenOut.flatMap(\.withWords)
    }

    /// What stands in headers and queries as it is sent, under a name that speaks of a credential; named by its place.
    package var writtenOut: [NamedSecret] {
        var places = [("headers", headers)]
        for stream in streams {
            places.append(("streams.\(stream.id.stream).query", stream.query))
            places.append(("streams.\(stream.id.stream).headers", stream.headers))
        }
        for (name, operation) in operations.sorted(by: { $0.key < $1.key }) {
            places.append(("operations.\(name).query", operation.query))
            places.append(("operations.\(name).headers", operation.headers))
        }
        return places.flatMap { place, parameters in
            parameters.compactMap { parameter -> NamedSecret? in
                guard SecretName.isOne(parameter.name), let text = parameter.value.literal,
                    SecretName.isLong(text)
                else { return nil }
                return NamedSecret("\(place).\(parameter.name)", Secret(text))
            }
        }
    }
}

extension NamedSecret {
    /// Behind a scheme, as in `Bearer …`, the rest is the secret.
    fileprivate var withWords: [NamedSecret] {
        let words = secret.reveal().split(separator: " ").dropFirst().map(String.init)
        let long = words.enumerated().filter { SecretName.isLong($0.element) }
        return [self] + long.map { NamedSecret("\(name).\($0.offset + 1)", Secret($0.element)) }
    }
}
