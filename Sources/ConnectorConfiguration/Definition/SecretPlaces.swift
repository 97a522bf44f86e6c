import ConnectorCore

/// Objects that name a secret's place, where no secret is resolved: they would be sent as they stand, and the secret
/// would not.
enum SecretPlaces {
    private static let names: Set = ["credential", "file", "env"]

    static func check(_ settings: ConfigItem) {
        guard case .object(let members) = settings.value.kind else { return }
        for member in members.lastOfEachName where isPlace(member.value) {
            settings.member(member.name)?.error(
                "names a place of a secret, and settings are sent as they stand",
                "put it into secrets: { NAME: … }, and write \"${secrets.NAME}\" here"
            )
        }
    }

    /// Warns of such an object at any depth of what is sent: a body's member may be called `file` for good.
    static func warn(_ item: ConfigItem?) {
        guard let item else { return }
        switch item.value.kind {
        case .object(let members):
            if isPlace(item.value) {
                item.warning(
                    "looks like a place of a secret, and is sent as it stands",
                    "put it into secrets: { NAME: … }, and write \"${secrets.NAME}\" here"
                )
            } else {
                for member in members.lastOfEachName { warn(item.member(member.name)) }
            }
        case .array: item.elements { $0 }?.forEach { warn($0) }
        default: break
        }
    }

    /// Warns of credentials in settings, headers and queries that are written out.
    static func warn(ofThoseWrittenOutIn connector: ConnectorDefinition, _ reader: ConfigReader) {
        for place in connector.writtenOut.map(\.name) {
            reader.warning(
                String(place.prefix { $0 != "." }),
                "\(place) looks like a credential, and whoever may read the file has it",
                "put it into secrets: { NAME: … }, and write \"${secrets.NAME}\" there"
            )
        }
    }

    private static func isPlace(_ value: LocatedValue) -> Bool {
        guard case .object(let members) = value.kind, members.count == 1 else { return false }
        guard case .string(let text) = members[0].value.kind, !text.contains("${") else { return false }
        return names.contains(members[0].name)
    }
}
