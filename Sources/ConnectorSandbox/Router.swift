import ConnectorCore
import HTTPListener
import Synchronization

/// One port: control requests, then the rate limit, then faults, then the API, then what faults do to its answer.
/// All state is one value under one lock; a request holds it for the time of one page.
final class Router: Sendable {
    private struct State {
        var api: any SandboxAPI
        var plan = FaultPlan()
        var limit: ServerLimit?
        var log = ServedLog()
        var lastPages: [String: [Record]] = [:]
        var random: DataGenerator
    }

    private let state: Mutex<State>
    private let clocks: any Clocks

    init(api: any SandboxAPI, clocks: any Clocks, seed: UInt64) {
        state = Mutex(State(api: api, random: DataGenerator(seed: seed &+ 7)))
        self.clocks = clocks
    }

    /// The answer, and how long to hold it back.
    func respond(to request: ListenerRequest) -> (response: ListenerResponse, delay: Duration) {
        let (now, monotonic) = (clocks.now, clocks.monotonic)
        return state.withLock { state in
            if request.path.hasPrefix("/_sandbox/") {
                return (Self.control(request, &state, now, monotonic), .zero)
            }
            let result = Self.serve(request, &state, now, monotonic)
            let entry = ServedLog.Entry(
                at: monotonic,
                method: request.method,
                target: request.target,
                status: result.response.delivery == .hangUp ? 0 : result.response.status
            )
            state.log.note(entry, path: request.path)
            return result
        }
    }

    private static func serve(
        _ request: ListenerRequest,
        _ state: inout State,
        _ now: Instant,
        _ monotonic: MonotonicInstant
    ) -> (response: ListenerResponse, delay: Duration) {
        if let wait = state.limit?.take(at: monotonic) {
            var response = AITBCAPI.problem(429, "RATE_LIMIT", "Rate limit exceeded")
            response.headers["Retry-After"] = String(max(1, Int(wait.rounded(.up))))
            return (limited(response, state, now), .zero)
        }
        let faults = state.plan.strike(method: request.method, path: request.path)
        let milliseconds = faults.filter { $0.kind == .delay }.map { $0.number("ms", 1000) }.reduce(0, +)
        var response: ListenerResponse
        let replacement = faults.lazy.compactMap { FaultyAnswer.replacement($0, now: now) }.first
        if let replacement {
            // `apply`: the request takes effect, only its answer is lost, as behind a failing proxy.
            let applies = faults.contains { $0.settings["apply"] == .bool(true) }
            if applies { _ = call(request, faults, &state, now) }
            if request.path == "/login", faults.contains(where: { $0.kind == .expiredToken }) {
                state.plan.clear(.expiredToken)
                response = call(request, [], &state, now)
            } else {
                response = replacement
            }
        } else {
            response = call(request, faults, &state, now)
        }
        for fault in faults { FaultyAnswer.spoil(&response, fault, now: now) }
        return (limited(response, state, now), .milliseconds(milliseconds))
    }

    private static func limited(_ response: ListenerResponse, _ state: State, _ now: Instant) -> ListenerResponse {
        var response = response
        for (name, value) in state.limit?.headers(now: now) ?? [] { response.headers[name] = value }
        return response
    }

    private static func call(
        _ request: ListenerRequest,
        _ faults: [PlannedFault],
        _ state: inout State,
        _ now: Instant
    ) -> ListenerResponse {
        var context = PageContext(now: now, origin: "http://" + (request.headers["Host"] ?? "127.0.0.1"))
        context.lastPages = state.lastPages
        state.lastPages = [:]
        for fault in faults { FaultyAnswer.prepare(&context, fault) }
        let response = state.api.respond(to: request, &context)
        state.lastPages = context.lastPages
        if let change = faults.first(where: { $0.kind == .changeWhilePaging }), let served = context.served {
            mutate(served.collection, change.settings, among: served.ids, &state, now)
        }
        return response
    }

    /// Creates, updates and deletes: `{"create":n,"update":n,"delete":n}`, among these records.
    private static func mutate(
        _ collection: String,
        _ settings: SandboxJSON,
        among ids: [String],
        _ state: inout State,
        _ now: Instant
    ) {
        var ids = ids
        let isDefault = settings["create"] == nil && settings["update"] == nil && settings["delete"] == nil
        func takeID() -> String? {
            guard !ids.isEmpty else { return nil }
            let index = state.random.number(in: 0..<ids.count)
            ids.swapAt(index, ids.count - 1)
            return ids.removeLast()
        }
        for _ in 0..<max(0, settings["update"]?.int ?? (isDefault ? 1 : 0)) {
            if let id = takeID() { state.api.update(id, in: collection, at: now) }
        }
        for _ in 0..<max(0, settings["delete"]?.int ?? 0) {
            if let id = takeID() { state.api.delete(id, in: collection, at: now) }
        }
        for _ in 0..<max(0, settings["create"]?.int ?? 0) {
            state.api.create(in: collection, at: now)
        }
    }

    // MARK: Control

    private static func control(
        _ request: ListenerRequest,
        _ state: inout State,
        _ now: Instant,
        _ monotonic: MonotonicInstant
    ) -> ListenerResponse {
        let parts = request.segments
        switch (request.method, parts.dropFirst().first ?? "") {
        case ("POST", "faults"): return addFaults(request, &state)
        case ("DELETE", "faults"):
            state.plan.clear()
            state.limit = nil
            return .json(200, ["faults": 0])
        case ("POST", "rate_limit"), ("DELETE", "rate_limit"): return setLimit(request, &state, monotonic)
        case ("GET", "served"): return .json(200, state.log.json(countsOnly: request.query("counts_only") == "true"))
        case ("DELETE", "served"):
            state.log = ServedLog()
            return .json(200, [:])
        case ("POST", "end_sessions"):
            state.api.endSessions()
            return .json(200, [:])
        case ("POST", "mutate"): return mutate(request, &state, now)
        case ("GET", "dump"): return dump(parts.count == 3 ? parts[2] : "", state)
        default: return .json(404, ["error": "faults, rate_limit, served, end_sessions, mutate, dump/COLLECTION"])
        }
    }

    private static func addFaults(_ request: ListenerRequest, _ state: inout State) -> ListenerResponse {
        guard let json = try? SandboxJSONParser.parse(request.body) else { return .json(400, ["error": "not JSON"]) }
        do {
            try state.plan.add(json)
            return .json(200, ["faults": .int(state.plan.faults.count)])
        } catch {
            return .json(400, ["error": .string(error.message)])
        }
    }

    private static func setLimit(
        _ request: ListenerRequest,
        _ state: inout State,
        _ now: MonotonicInstant
    ) -> ListenerResponse {
        // Only a POST has a body, and one without a rate is refused below.
        let json = (try? SandboxJSONParser.parse(request.body)) ?? [:]
        state.limit = nil
        guard request.method == "POST" else { return .json(200, [:]) }
        guard let rate = json["rate"]?.double, rate > 0 else { return .json(400, ["error": "rate must be above 0"]) }
        state.limit = ServerLimit(rate: rate, burst: max(1, json["burst"]?.double ?? rate), now: now)
        return .json(200, json)
    }

    private static func mutate(_ request: ListenerRequest, _ state: inout State, _ now: Instant) -> ListenerResponse {
        guard let json = try? SandboxJSONParser.parse(request.body), let name = json["collection"]?.text,
            let collection = find(name, state)
        else { return .json(400, ["error": "collection is missing or unknown"]) }
        let ids = collection.byRank.compactMap { collection.record(rank: $0)?.id }
        mutate(collection.name, json, among: ids, &state, now)
        return .json(200, ["count": .int(find(name, state)?.count ?? 0)])
    }

    private static func find(_ name: String, _ state: State) -> RecordCollection? {
        state.api.collections[name] ?? state.api.collections.values.first { $0.name.lowercased() == name.lowercased() }
    }

    private static func dump(_ name: String, _ state: State) -> ListenerResponse {
        guard let collection = find(name, state) else { return .json(404, ["error": "no such collection"]) }
        var output: [UInt8] = []
        for rank in collection.byRank {
            guard let record = collection.record(rank: rank) else { continue }
            output += record.bytes
            output.append(UInt8(ascii: "\n"))
        }
        return .json(200, output, headers: ["Content-Type": "application/x-ndjson"])
    }
}
