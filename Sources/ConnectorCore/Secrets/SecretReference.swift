/// Where a secret is kept: what a configuration that is written down bears instead of the secret itself.
public enum SecretReference: Sendable, Hashable {
    /// `{ "env": NAME }`: a variable of the process's environment.
    case environment(String)
    /// `{ "file": PATH }`: a file that holds the secret and nothing else.
    case file(String)
    /// `{ "credential": NAME }`: systemd's `LoadCredential`.
    case credential(String)
}

extension SecretReference: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case env
        case file
        case credential
    }

    /// An object with one member, under the names of connector files.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let members = try decoder.container(keyedBy: JSONKey.self).allKeys.count
        guard members == 1, let key = fields.allKeys.first else {
            let problem =
                "write the secret itself, or one of { \"env\": NAME }, { \"file\": PATH }, { \"credential\": NAME }"
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
        }
        let place = try fields.decode(String.self, forKey: key)
        switch key {
        case .env: self = .environment(place)
        case .file: self = .file(place)
        case .credential: self = .credential(place)
        }
    }

    /// The same object.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .environment(let name): try fields.encode(name, forKey: .env)
        case .file(let path): try fields.encode(path, forKey: .file)
        case .credential(let name): try fields.encode(name, forKey: .credential)
        }
    }
}
