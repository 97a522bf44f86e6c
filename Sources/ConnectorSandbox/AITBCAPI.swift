import ConnectorCore
import HTTPListener

/// AITBC's side: health, batches of records, webhook events. Any POST below `/v1/` is taken; a batch is a JSON object
/// with `records`, an array, one object, or JSON Lines. A repeated `Idempotency-Key` is answered, not stored again.
///
/// A batch with a record whose description begins with "refuse" is refused as a whole (422); where it begins with
/// "refuse by name", the answer names the record.
struct AITBCAPI: SandboxAPI {
    static let collectionName = "records"
    private(set) var collections = [collectionName: RecordCollection(name: collectionName)]
    private let key: String
    private var replays: [String: (body: [UInt8], response: ListenerResponse)] = [:]
    private var duplicates = 0

    init(arguments: SandboxArguments) {
        key = arguments.apiKey
    }

    mutating func respond(to request: ListenerRequest, _ context: inout PageContext) -> ListenerResponse {
        guard request.bearer == key || request.headers["X-API-Key"] != nil else {
            return Self.problem(401, "AUTHENTICATION_ERROR", "The API key is not valid.")
        }
        guard request.segments.first == "v1" else { return Self.problem(404, "NOT_FOUND", "No such path.") }
        switch request.method {
        case "GET" where request.path == "/v1/health": return Self.success(["status": "ok"])
        case "GET" where request.path == "/v1/records": return list(request, &context)
        case "POST": return post(request, context.now)
        default: return Self.problem(404, "NOT_FOUND", "No such path: \(request.path)")
        }
    }

    private mutating func post(_ request: ListenerRequest, _ now: Instant) -> ListenerResponse {
        guard let key = request.headers["Idempotency-Key"] else { return store(request, now) }
        if let replay = replays[key] {
            guard replay.body == request.body else {
                return Self.problem(409, "IDEMPOTENCY_CONFLICT", "The key was used with another body.")
            }
            duplicates += 1
            var response = replay.response
            response.headers["Idempotent-Replayed"] = "true"
            return response
        }
        let response = store(request, now)
        if response.status == 200 {
            if replays.count >= PaymentAPI.maximumKeys { replays = [:] }
            replays[key] = (request.body, response)
        }
        return response
    }

    private mutating func store(_ request: ListenerRequest, _ now: Instant) -> ListenerResponse {
        guard let batch = Self.batch(request.body) else {
            return Self.problem(400, "VALIDATION_ERROR", "The body is neither JSON nor JSON Lines.")
        }
        if let refusal = Self.refusal(of: batch) { return refusal }
        for json in batch {
            guard let rank = collections[Self.collectionName]?.takeRank() else { break }
            let record = Record(id: "r-\(rank)", rank: rank, time: now, bytes: json.bytes)
            collections[Self.collectionName]?.put(record)
        }
        let total = collections[Self.collectionName]?.count ?? 0
        return Self.success(
            ["accepted": .int(batch.count), "rejected": 0, "total": .int(total)],
            ["duplicate_batches": .int(duplicates)]
        )
    }

    private static func refusal(of batch: [SandboxJSON]) -> ListenerResponse? {
        let words = batch.map { $0["record"]?["description"]?.text ?? "" }
        guard words.contains(where: { $0.hasPrefix("refuse") }) else { return nil }
        let named = words.indices.filter { words[$0].hasPrefix("refuse by name") }
        let rejected = named.map { index -> SandboxJSON in
            ["index": .int(index), "error": "The description is not allowed.", "error_code": "BAD_DESCRIPTION"]
        }
        let details: SandboxJSON = named.isEmpty ? [:] : ["rejected": .array(rejected)]
        return problem(422, "VALIDATION_ERROR", "A record can't be taken.", details)
    }

    private static func batch(_ body: [UInt8]) -> [SandboxJSON]? {
        // What is no JSON as a whole may be a line a record, and what is neither is refused.
        if let json = try? SandboxJSONParser.parse(body) {
            return json["records"]?.elements ?? json.elements ?? [json]
        }
        var records: [SandboxJSON] = []
        for line in body.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? SandboxJSONParser.parse(Array(line)) else { return nil }
            records.append(json)
        }
        return records.isEmpty ? nil : records
    }

    /// The specification's pagination: `limit`, `offset` or `starting_after`; `data`, `has_more`, `next_page`.
    private func list(_ request: ListenerRequest, _ context: inout PageContext) -> ListenerResponse {
        guard let collection = collections[Self.collectionName] else { return Self.success([:]) }
        let limit = min(100, max(1, request.query("limit").flatMap { Int($0) } ?? 100))
        let anchor = request.query("starting_after").flatMap { collection[$0]?.rank } ?? 0
        let start = RecordCollection.firstIndex(in: collection.byRank) { $0 > anchor }
        let ranks = collection.byRank.dropFirst(start + (request.query("offset").flatMap { Int($0) } ?? 0))
        let page = ranks.prefix(limit).compactMap { collection.record(rank: $0) }
        var output = Array("{\"success\":true,\"data\":".utf8)
        output += context.array(context.shape(page, of: collection.name, path: request.path))
        output += ",\"has_more\":\(ranks.count > limit)".utf8
        if ranks.count > limit, let last = page.last { output += ",\"next_page\":\"\(last.id)\"".utf8 }
        output.append(UInt8(ascii: "}"))
        return .json(200, output)
    }

    // Records come from clients only: the control API has nothing to change here but to delete.
    mutating func create(in collection: String, at now: Instant) {}
    mutating func update(_ id: String, in collection: String, at now: Instant) {}
    mutating func delete(_ id: String, in collection: String, at now: Instant) {
        _ = collections[collection]?.delete(id, at: now)
    }
    mutating func endSessions() {}

    private static func success(_ data: SandboxJSON, _ metadata: SandboxJSON = [:]) -> ListenerResponse {
        .json(200, ["success": true, "data": data, "metadata": metadata])
    }

    static func problem(
        _ status: Int,
        _ code: String,
        _ message: String,
        _ details: SandboxJSON = [:]
    ) -> ListenerResponse {
        .json(status, ["success": false, "error": .string(message), "error_code": .string(code), "details": details])
    }
}
