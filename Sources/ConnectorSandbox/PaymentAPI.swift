import ConnectorCore
import HTTPListener

/// Stripe-shaped lists and objects: newest first, `starting_after`, form-encoded writes, idempotency keys, events.
struct PaymentAPI: SandboxAPI {
    static let defaultLimit = 10
    /// More is capped in silence, as real ones do.
    static let maximumLimit = 100
    /// Idempotency keys remembered at once; beyond that all are forgotten.
    static let maximumKeys = 100_000

    private(set) var collections: [String: RecordCollection] = [:]
    private var generator: DataGenerator
    private var replays: [String: (request: [UInt8], response: ListenerResponse)] = [:]
    private let key: String
    private let isPretty: Bool

    init(arguments: SandboxArguments) {
        generator = DataGenerator(seed: arguments.seed)
        key = arguments.apiKey
        isPretty = !arguments.compact
        for name in DataGenerator.prefixes.keys { collections[name] = RecordCollection(name: name) }
        fill("customers", arguments.customers)
        fill("products", 20)
        fill("prices", 40)
        fill("charges", arguments.charges, linked: true)
        fill("payment_intents", arguments.charges, linked: true)
        fill("refunds", arguments.charges / 5, charges: true)
        fill("balance_transactions", arguments.charges)
        fill("disputes", arguments.charges / 50, charges: true)
        fill("invoices", arguments.customers / 2, linked: true)
        fill("subscriptions", arguments.customers / 4, linked: true)
        fill("payouts", 30)
    }

    /// Ninety days of history, in whole seconds.
    private mutating func fill(_ name: String, _ count: Int, linked: Bool = false, charges: Bool = false) {
        guard var collection = collections[name] else { return }
        for time in generator.times(count, over: .seconds(90 * 86400), step: 1_000_000_000) {
            var fields: SandboxJSON = [:]
            if linked, let id = anyID("customers") { fields["customer"] = .string(id) }
            if charges, let id = anyID("charges") { fields["charge"] = .string(id) }
            collection.put(generator.payment(name, rank: collection.takeRank(), at: time, with: fields))
        }
        collections[name] = collection
    }

    private mutating func anyID(_ name: String) -> String? {
        guard let collection = collections[name], collection.count > 0 else { return nil }
        return collection.record(rank: generator.pick(collection.byRank))?.id
    }

    // MARK: Requests

    mutating func respond(to request: ListenerRequest, _ context: inout PageContext) -> ListenerResponse {
        let user = request.basic?.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init)
        guard request.bearer == key || user == key else {
            return problem(401, "invalid_request_error", "Invalid API Key provided", nil)
        }
        let parts = request.segments
        guard parts.count >= 2, parts[0] == "v1", parts.count <= 4 else { return unknownPath(request) }
        if parts[1] == "balance" { return pretty(200, balance) }
        guard collections[parts[1]] != nil else { return unknownPath(request) }
        switch (request.method, parts.count) {
        case ("GET", 2), ("HEAD", 2): return list(parts[1], request, &context)
        case ("GET", 3), ("HEAD", 3): return one(parts[1], parts[2], context)
        case ("POST", _), ("DELETE", 3): return write(parts, request, context.now)
        default: return unknownPath(request)
        }
    }

    private func list(_ name: String, _ request: ListenerRequest, _ context: inout PageContext) -> ListenerResponse {
        guard let collection = collections[name] else { return unknownPath(request) }
        var limit = Self.defaultLimit
        if let text = request.query("limit") {
            guard let number = Int(text), number >= 1 else { return badParameter("limit", "Invalid integer: \(text)") }
            limit = min(number, Self.maximumLimit)
        }
        func bound(_ name: String) -> Instant? {
            request.query(name).flatMap { Int64($0) }.map { context.unskewed(Instant(seconds: $0)) }
        }
        var range = collection.range(
            from: bound("created[gte]") ?? bound("created[gt]").map { $0 + .seconds(1) },
            to: bound("created[lt]") ?? bound("created[lte]").map { $0 + .seconds(1) }
        )
        var isBackwards = false
        for parameter in ["starting_after", "ending_before"] {
            guard let anchor = request.query(parameter) else { continue }
            guard let record = collection[anchor] else {
                if context.restartsOnUnknownAnchor { continue }
                return problem(
                    400,
                    "invalid_request_error",
                    "No such object: '\(anchor)'",
                    "resource_missing",
                    parameter
                )
            }
            let place = collection.firstIndex(notBefore: .init(time: record.time, rank: record.rank))
            isBackwards = parameter == "ending_before"
            range =
                isBackwards
                ? range.clamped(to: (place + 1)..<max(place + 1, range.upperBound)) : range.clamped(to: 0..<place)
        }
        let filters = ["customer", "charge", "type", "status", "email"].filter { request.query($0) != nil }
        var found: [Record] = []
        var indices = isBackwards ? Array(range.prefix(filters.isEmpty ? limit + 1 : .max)) : []
        if !isBackwards { indices = filters.isEmpty ? range.suffix(limit + 1).reversed() : range.reversed() }
        for index in indices {
            guard let record = collection.record(rank: collection.byTime[index].rank) else { continue }
            let json = filters.isEmpty ? .null : record.json
            if filters.allSatisfy({ json[$0]?.text == request.query($0) }) { found.append(record) }
            if found.count > limit { break }
        }
        let hasMore = found.count > limit
        var page = Array(found.prefix(limit))
        if isBackwards { page.reverse() }
        page = context.shape(page, of: name, path: request.path)
        return .json(200, render(page, hasMore, "/v1/\(name)", context))
    }

    private func render(_ page: [Record], _ hasMore: Bool, _ url: String, _ context: PageContext) -> [UInt8] {
        var output = Array("{\"object\":\"list\",\"data\":".utf8)
        output += context.array(page)
        output += ",\"has_more\":\(hasMore),\"url\":\"\(url)\"}".utf8
        return isPretty ? JSONLayout.indented(output) : output
    }

    private func one(_ name: String, _ id: String, _ context: PageContext) -> ListenerResponse {
        guard let collection = collections[name] else { return missing(id) }
        if let record = collection[id] { return pretty(200, context.bytes(record)) }
        if name == "customers", collection.wasDeleted(id) { return pretty(200, tombstone("customer", id).bytes) }
        return missing(id)
    }

    // MARK: Writes

    private mutating func write(_ parts: [String], _ request: ListenerRequest, _ now: Instant) -> ListenerResponse {
        guard request.method == "POST", let key = request.headers["Idempotency-Key"] else {
            return apply(parts, request, now)
        }
        let sent = Array(request.target.utf8) + request.body
        if let replay = replays[key] {
            if replay.request == sent {
                var response = replay.response
                response.headers["Idempotent-Replayed"] = "true"
                return response
            }
            return problem(
                400,
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters",
                nil
            )
        }
        let response = apply(parts, request, now)
        if replays.count >= Self.maximumKeys { replays = [:] }
        replays[key] = (sent, response)
        return response
    }

    private mutating func apply(_ parts: [String], _ request: ListenerRequest, _ now: Instant) -> ListenerResponse {
        let fields = FormBody.json(request.body)
        if parts.count == 2 { return add(parts[1], fields, now) }
        guard let record = collections[parts[1]]?[parts[2]] else { return missing(parts[2]) }
        if request.method == "DELETE" {
            if parts[1] == "subscriptions" {
                return change(
                    record,
                    in: parts[1],
                    ["status": "canceled", "canceled_at": .int(now.seconds)],
                    "deleted",
                    now
                )
            }
            delete(record.id, in: parts[1], at: now)
            return pretty(200, tombstone(String(parts[1].dropLast()), record.id).bytes)
        }
        return change(record, in: parts[1], fields, "updated", now)
    }

    private mutating func add(_ name: String, _ fields: SandboxJSON, _ now: Instant) -> ListenerResponse {
        var fields = fields
        if name == "charges", fields["amount"] == nil {
            return badParameter("amount", "Missing required param: amount.")
        }
        // As Stripe's test tokens are called: tok_chargeDeclined, tok_chargeDeclinedInsufficientFunds, ….
        if name == "charges", fields["source"]?.text?.lowercased().contains("declined") == true {
            return problem(402, "card_error", "Your card was declined.", "card_declined")
        }
        switch name {
        case "refunds":
            if let refused = refund(&fields, now) { return refused }
        case "payment_methods": fields["card"] = fields["card"].map(Self.shownCard)
        case "subscriptions": fields["items"] = fields["items"].map(Self.listed)
        default: break
        }
        guard let rank = collections[name]?.takeRank() else { return missing(name) }
        let record = generator.payment(name, rank: rank, at: now, with: fields)
        collections[name]?.put(record)
        emit("created", name, record, now)
        return pretty(200, record.bytes)
    }

    /// Gives back what is asked for, or all that is left; what a charge no longer has is refused.
    private mutating func refund(_ fields: inout SandboxJSON, _ now: Instant) -> ListenerResponse? {
        guard let id = fields["charge"]?.text, let charge = collections["charges"]?[id] else {
            return badParameter("charge", "No such charge")
        }
        let (whole, before) = (charge.json["amount"]?.int ?? 0, charge.json["amount_refunded"]?.int ?? 0)
        guard before < whole else {
            let words = "Charge \(id) has already been refunded."
            return problem(400, "invalid_request_error", words, "charge_already_refunded", "charge")
        }
        let amount = fields["amount"] == nil ? whole - before : fields["amount"]?.int ?? 0
        guard amount > 0 else { return badParameter("amount", "Invalid positive integer") }
        guard amount <= whole - before else {
            let words = "Refund amount (\(amount)) is greater than unrefunded amount on charge (\(whole - before))"
            return problem(400, "invalid_request_error", words, "amount_too_large", "amount")
        }
        fields["amount"] = .int(amount)
        fields["currency"] = charge.json["currency"]
        fields["payment_intent"] = charge.json["payment_intent"]
        // The charge changes, its `created` does not: only an event or a full walk shows it.
        let refunded: SandboxJSON = [
            "amount_refunded": .int(before + amount), "refunded": .bool(before + amount == whole),
        ]
        _ = change(charge, in: "charges", refunded, "refunded", now)
        return nil
    }

    /// A card as it is shown: never its number.
    private static func shownCard(_ card: SandboxJSON) -> SandboxJSON {
        let number = card["number"]?.text ?? card["number"]?.int.map(String.init) ?? ""
        let brand = ["3": "amex", "4": "visa", "5": "mastercard"][number.prefix(1)] ?? "unknown"
        return [
            "brand": .string(brand), "last4": .string(String(number.suffix(4))), "exp_month": card["exp_month"] ?? nil,
            "exp_year": card["exp_year"] ?? nil, "funding": "credit",
        ]
    }

    /// `items[0][price]=…` as the list that a subscription shows.
    private static func listed(_ items: SandboxJSON) -> SandboxJSON {
        let given: [SandboxJSON] =
            switch items {
            case .array(let elements): elements
            case .object(let members): members.map(\.value)
            default: []
            }
        let data = given.map { item -> SandboxJSON in
            ["quantity": item["quantity"] ?? 1, "price": ["id": item["price"] ?? item["plan"] ?? nil]]
        }
        return ["object": "list", "data": .array(data), "has_more": false]
    }

    private mutating func change(
        _ record: Record,
        in name: String,
        _ fields: SandboxJSON,
        _ verb: String,
        _ now: Instant
    ) -> ListenerResponse {
        var record = record
        var json = record.json
        if case .object(let members) = fields { for member in members { json[member.name] = member.value } }
        record.bytes = json.bytes
        collections[name]?.put(record)
        emit(verb, name, record, now)
        return pretty(200, record.bytes)
    }

    private mutating func emit(_ verb: String, _ name: String, _ record: Record, _ now: Instant) {
        guard name != "events", let rank = collections["events"]?.takeRank() else { return }
        let singular = String(name.dropLast())
        let type = name == "subscriptions" ? "customer.subscription.\(verb)" : "\(singular).\(verb)"
        let id = generator.identifier("evt", rank: rank)
        let json: SandboxJSON = [
            "id": .string(id), "object": "event", "api_version": "2026-01-01", "created": .int(now.seconds),
            "data": ["object": record.json], "livemode": false, "pending_webhooks": 0, "type": .string(type),
        ]
        let event = Record(id: id, rank: rank, time: Instant(seconds: now.seconds), bytes: json.bytes)
        collections["events"]?.put(event)
    }

    // MARK: Changes from the control API

    mutating func create(in collection: String, at now: Instant) {
        var fields: SandboxJSON = [:]
        if collection == "charges", let id = anyID("customers") { fields["customer"] = .string(id) }
        guard let rank = collections[collection]?.takeRank() else { return }
        let record = generator.payment(collection, rank: rank, at: now, with: fields)
        collections[collection]?.put(record)
        emit("created", collection, record, now)
    }

    mutating func update(_ id: String, in collection: String, at now: Instant) {
        guard let record = collections[collection]?[id] else { return }
        let changes = generator.number(in: 0..<1_000_000)
        _ = change(record, in: collection, ["description": .string("changed \(changes)")], "updated", now)
    }

    mutating func delete(_ id: String, in collection: String, at now: Instant) {
        guard let record = collections[collection]?.delete(id, at: now) else { return }
        emit("deleted", collection, record, now)
    }

    mutating func endSessions() {}

    // MARK: Small answers

    private func pretty(_ status: Int, _ compact: [UInt8]) -> ListenerResponse {
        .json(status, isPretty ? JSONLayout.indented(compact) : compact)
    }

    private var balance: [UInt8] {
        let json: SandboxJSON = [
            "object": "balance", "available": [["amount": 9_007_199_254_740_993, "currency": "chf"]],
            "pending": [["amount": 0, "currency": "chf"]], "livemode": false,
        ]
        return json.bytes
    }

    private func tombstone(_ object: String, _ id: String) -> SandboxJSON {
        ["id": .string(id), "object": .string(object), "deleted": true]
    }

    private func problem(
        _ status: Int,
        _ type: String,
        _ message: String,
        _ code: String?,
        _ parameter: String? = nil
    ) -> ListenerResponse {
        var error: SandboxJSON = ["message": .string(message), "type": .string(type)]
        if let code { error["code"] = .string(code) }
        if let parameter { error["param"] = .string(parameter) }
        return pretty(status, SandboxJSON.object([.init(name: "error", value: error)]).bytes)
    }

    private func missing(_ id: String) -> ListenerResponse {
        problem(404, "invalid_request_error", "No such object: '\(id)'", "resource_missing", "id")
    }

    private func badParameter(_ name: String, _ message: String) -> ListenerResponse {
        problem(400, "invalid_request_error", message, "parameter_invalid", name)
    }

    private func unknownPath(_ request: ListenerRequest) -> ListenerResponse {
        problem(404, "invalid_request_error", "Unrecognized request URL (\(request.method): \(request.path)).", nil)
    }
}
