/// The digest below a keyed signature; the raw value is its name in configuration.
public enum WebhookAlgorithm: String, Sendable, CaseIterable {
    /// HMAC-SHA-256.
    case sha256
    /// HMAC-SHA-384.
    case sha384
    /// HMAC-SHA-512.
    case sha512
}

/// Where a keyed signature stands in a request, how it is written, and what it is over.
public struct WebhookSignature: Sendable, Equatable {
    /// The field that holds it.
    public var header: String
    /// The digest.
    public var algorithm: WebhookAlgorithm
    /// How its bytes are written.
    public var encoding: Encoding
    /// How the header's value is built.
    public var form: Form
    /// How the secret is written.
    public var key: Key
    /// When the request was signed; nil where the sender does not say, and old requests can't be told from new ones.
    public var time: Time?
    /// What is signed, in this order.
    public var signs: [Part]

    /// A value from its parts; as it stands: lower- or upper-case hex of HMAC-SHA-256 over the body.
    public init(
        header: String = "X-Signature",
        algorithm: WebhookAlgorithm = .sha256,
        encoding: Encoding = .hex,
        form: Form = .plain(prefix: ""),
        time: Time? = nil,
        signs: [Part] = [.body],
        key: Key = .text
    ) {
        self.header = header
        self.algorithm = algorithm
        self.encoding = encoding
        self.form = form
        self.time = time
        self.signs = signs
        self.key = key
    }

    /// How bytes are written.
    public enum Encoding: String, Sendable, CaseIterable {
        /// Base 16, in either case.
        case hex
        /// Base 64 with padding (RFC 4648 § 4).
        case base64
    }

    /// How a secret is written.
    public enum Key: String, Sendable, CaseIterable {
        /// The key is the text's bytes in UTF-8.
        case text
        /// The text is the key in base 16, in either case.
        case hex

        /// The key itself; nil where the secret is not written so. An empty one is none: anyone could sign with it.
        package func bytes(of secret: Secret) -> [UInt8]? {
            let bytes: [UInt8]? =
                switch self {
                case .text: Array(secret.reveal().utf8)
                case .hex: HexText.bytes(secret.reveal())
                }
            return bytes?.isEmpty == false ? bytes : nil
        }
    }

    /// How a header's value is built.
    public enum Form: Sendable, Equatable {
        /// One signature, behind a fixed text such as `sha256=`.
        case plain(prefix: String)
        /// `name=value` pairs between commas. Every pair of the given name is a signature: senders write several while
        /// a secret is rolled.
        case list(signature: String)
    }

    /// A piece of what is signed.
    public enum Part: Sendable, Equatable {
        /// The request's body, byte for byte.
        case body
        /// The time, as the request writes it.
        case time
        /// The value of a header, such as the delivery's id.
        case header(String)
        /// A fixed text: a separator, a version, the notification URL.
        case text(String)
    }

    /// When a request was signed, in Unix seconds.
    public struct Time: Sendable, Equatable {
        /// Where it stands.
        public var place: Place
        /// How far it may be from now, to either side.
        public var tolerance: Duration

        /// A value from its parts; five minutes are what most senders recommend.
        public init(_ place: Place, tolerance: Duration = .seconds(300)) {
            self.place = place
            self.tolerance = tolerance
        }

        /// Where a time stands.
        public enum Place: Sendable, Equatable {
            /// In a header of its own.
            case header(String)
            /// In the signature's list, under this name.
            case listed(String)
        }
    }

    /// Why nothing could ever be verified by this description, or not what it seems to say; nil where it makes sense.
    package var flaw: String? {
        if header.isEmpty { return "the signature's header has no name" }
        if !signs.contains(.body) { return "the body is not signed" }
        if case .list(let name) = form, name.isEmpty { return "the signature has no name in its list" }
        if case .listed = time?.place, case .plain = form { return "the time can't stand in a list: there is none" }
        if (time != nil) != signs.contains(.time) {
            return time == nil ? "the time is signed, but stands nowhere" : "the time is read, but not signed"
        }
        if let time, time.tolerance < .zero { return "the tolerance is negative" }
        return nil
    }
}
