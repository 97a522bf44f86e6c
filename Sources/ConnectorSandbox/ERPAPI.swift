import ConnectorCore
import HTTPListener

/// One ERP behind four dialects: `/odata`, `/api` (offset), `/paged` (page number), `/token`; and `/login`.
struct ERPAPI: SandboxAPI {
    static let names = ["Customers", "Orders", "Items", "Invoices"]
    static let user = "erp"
    static let password = "erp-secret"

    private(set) var collections: [String: RecordCollection] = [:]
    private var generator: DataGenerator
    private var sessions: [String: Instant] = [:]
    private let arguments: SandboxArguments

    init(arguments: SandboxArguments) {
        self.arguments = arguments
        generator = DataGenerator(seed: arguments.seed &+ 1)
        let counts = [arguments.customers, arguments.orders, arguments.items, arguments.orders / 2]
        for (name, count) in zip(Self.names, counts) {
            var collection = RecordCollection(name: name)
            for time in generator.times(count, over: .seconds(90 * 86400), step: 10_000_000) {
                collection.put(generator.erp(name, rank: collection.takeRank(), at: time))
            }
            collections[name] = collection
        }
    }

    mutating func respond(to request: ListenerRequest, _ context: inout PageContext) -> ListenerResponse {
        if request.path == "/login" { return login(request, context.now) }
        guard isAllowed(request, context.now) else { return Self.problem(401, "Unauthorized", "Log in first.") }
        let parts = request.segments
        guard parts.count >= 2, let name = collectionName(parts[1]) else {
            return Self.problem(404, "NotFound", "No such resource: \(request.path)")
        }
        if request.method != "GET", request.method != "HEAD" { return write(name, parts, request, context.now) }
        guard let collection = collections[name] else { return Self.problem(404, "NotFound", "No such collection") }
        if let id = recordID(parts) {
            guard let record = collection[id] else { return Self.problem(404, "NotFound", "No such record: \(id)") }
            return .json(200, context.bytes(record), headers: ["ETag": Self.etag(record)])
        }
        switch parts[0] {
        case "odata":
            return ODataQuery.answer(request, collection, arguments, &context)
        case "api", "paged", "token":
            return OffsetQuery.answer(parts[0], request, collection, &context)
        default: return Self.problem(404, "NotFound", "No such service: \(parts[0])")
        }
    }

    /// `customers`, `Customers` or `Customers('C-00000001')`.
    private func collectionName(_ part: String) -> String? {
        let word = part.prefix { $0 != "(" }.lowercased()
        return Self.names.first { $0.lowercased() == word }
    }

    private func recordID(_ parts: [String]) -> String? {
        if parts.count == 3 { return parts[2] }
        guard let open = parts[1].firstIndex(of: "(") else { return nil }
        return String(parts[1][open...].dropFirst().dropLast()).filter { $0 != "'" }
    }

    // MARK: Access

    private func isAllowed(_ request: ListenerRequest, _ now: Instant) -> Bool {
        if request.basic == "\(Self.user):\(Self.password)" { return true }
        guard let token = request.bearer ?? request.headers["X-Session"] else { return false }
        return token == arguments.apiKey || sessions[token].map { $0 > now } == true
    }

    private mutating func login(_ request: ListenerRequest, _ now: Instant) -> ListenerResponse {
        let fields = FormBody.json(request.body)
        guard request.method == "POST", fields["user"]?.text == Self.user, fields["password"]?.text == Self.password
        else { return Self.problem(401, "BadLogin", "Unknown user or password.") }
        let token = generator.identifier("session", rank: generator.number(in: 1..<1_000_000))
        sessions = sessions.filter { $0.value > now }
        sessions[token] = now + .seconds(arguments.sessionSeconds)
        return .json(200, ["token": .string(token), "expires_in": .int(arguments.sessionSeconds)])
    }

    mutating func endSessions() {
        sessions = [:]
    }

    // MARK: Writes

    private mutating func write(
        _ name: String,
        _ parts: [String],
        _ request: ListenerRequest,
        _ now: Instant
    ) -> ListenerResponse {
        let fields = FormBody.json(request.body)
        guard let id = recordID(parts) else {
            guard request.method == "POST" else { return Self.problem(405, "Method", "POST creates") }
            let record = add(name, fields, now)
            return .json(201, record.bytes, headers: ["ETag": Self.etag(record)])
        }
        guard let record = collections[name]?[id] else { return Self.problem(404, "NotFound", "No such record: \(id)") }
        if let expected = request.headers["If-Match"], expected != "*", expected != Self.etag(record) {
            return Self.problem(412, "PreconditionFailed", "The record has changed meanwhile.")
        }
        if request.method == "DELETE" {
            delete(id, in: name, at: now)
            return ListenerResponse(status: 204)
        }
        let changed = change(record, in: name, fields, now)
        return .json(200, changed.bytes, headers: ["ETag": Self.etag(changed)])
    }

    /// Differs where the content does.
    private static func etag(_ record: Record) -> String {
        let hash = ContentHash.hash(record.bytes)
        return "W/\"\(String(hash.high ^ hash.low, radix: 16))\""
    }

    private mutating func add(_ name: String, _ fields: SandboxJSON, _ now: Instant) -> Record {
        let rank = collections[name]?.takeRank() ?? 0
        let record = generator.erp(name, rank: rank, at: now, with: fields)
        collections[name]?.put(record)
        return record
    }

    private mutating func change(_ record: Record, in name: String, _ fields: SandboxJSON, _ now: Instant) -> Record {
        var record = record
        var json = record.json
        if case .object(let members) = fields { for member in members { json[member.name] = member.value } }
        json["modified"] = .string(Timestamp.iso8601(now))
        record.time = now
        record.bytes = json.bytes
        collections[name]?.put(record)
        return record
    }

    mutating func create(in collection: String, at now: Instant) {
        guard let name = collectionName(collection) else { return }
        _ = add(name, [:], now)
    }

    mutating func update(_ id: String, in collection: String, at now: Instant) {
        guard let name = collectionName(collection), let record = collections[name]?[id] else { return }
        _ = change(record, in: name, ["name": .string("changed \(generator.number(in: 0..<1_000_000))")], now)
    }

    mutating func delete(_ id: String, in collection: String, at now: Instant) {
        guard let name = collectionName(collection) else { return }
        _ = collections[name]?.delete(id, at: now)
    }

    static func problem(_ status: Int, _ code: String, _ message: String) -> ListenerResponse {
        .json(status, ["error": ["code": .string(code), "message": .string(message)]])
    }
}
