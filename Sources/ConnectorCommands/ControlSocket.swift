import ConnectorCore
import ConnectorDaemon
import Glibc
import HTTPListener

/// The daemon's side of what commands ask it: HTTP on a socket file in the state directory, which only the service's
/// user and group may use.
struct ControlSocket: Sendable {
    let reloader: Reloader
    let supervisor: Supervisor
    let board: StatusBoard

    static func path(_ places: Places) -> String { "\(places.state)/control.sock" }

    /// Where the path is too long for a socket no daemon can be asked; a lock holds a second one off its data.
    static func canExist(_ places: Places) -> Bool {
        path(places).utf8.count <= ListenerConfiguration.longestSocketPath
    }

    /// Scripts that sync many connectors at once each hold one while they wait; a person must get through beside them.
    private static let maximumConnections = 256
    /// A sync of a thousand streams is named in a few dozen kilobytes.
    private static let maximumBodyBytes = 256 << 10

    func listen(_ places: Places) throws(ListenerError) -> HTTPListener {
        let limits = ListenerLimits(connections: Self.maximumConnections, bodyBytes: Self.maximumBodyBytes)
        let configuration = ListenerConfiguration(address: .unixSocket(path: Self.path(places)), limits: limits)
        return try HTTPListener(configuration: configuration) { request in await answer(request) }
    }

    private func answer(_ request: ListenerRequest) async -> ListenerResponse {
        switch (request.method, request.path) {
        case ("POST", "/reload"): return answer(await reloader.reload())
        case ("GET", "/status"): return await status()
        case ("POST", "/sync"): return await sync(request.body)
        case ("GET", "/sync"): return await cameOf(request.query("order"), request.query("known"))
        case (_, "/reload"), (_, "/status"), (_, "/sync"): return .text(405, "Not with \(request.method).")
        default: return .text(404, "There is nothing here.")
        }
    }

    private func answer(_ outcome: Reloader.Outcome) -> ListenerResponse {
        func lines(_ lines: [String]) -> JSONValue { .array(lines.map(JSONValue.string)) }
        switch outcome {
        case .reloaded(let added, let changed, let removed, let warnings):
            return .json(
                200,
                ["added": .int(added), "changed": .int(changed), "removed": .int(removed), "warnings": lines(warnings)]
            )
        case .refused(let refused): return .json(409, ["errors": lines(refused)])
        }
    }

    private func status() async -> ListenerResponse {
        do throws(StateError) {
            return encoded(try await board.status(isFresh: true))
        } catch {
            return .json(503, ["error": .string("\(error)")])
        }
    }

    private func encoded(_ value: some Encodable) -> ListenerResponse {
        do {
            return .json(200, try JSONValueEncoder().encode(value))
        } catch {
            return .json(500, ["error": .string("\(error)")])
        }
    }

    private func sync(_ body: [UInt8]) async -> ListenerResponse {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: body)
        } catch {
            return .json(400, ["error": .string("\(error)")])
        }
        guard let streams = SyncWishes(value)?.streams else {
            return .json(400, ["error": "not a list of streams"])
        }
        for stream in streams.keys.sorted() where await !supervisor.knows(stream) {
            return .json(
                404,
                ["error": .string("the running daemon has no stream \(stream); was the configuration reloaded?")]
            )
        }
        guard let number = await supervisor.order(streams) else {
            return .json(409, ["error": "somebody asked for the same, and it has not begun yet"])
        }
        return .json(202, ["order": .int(number)])
    }

    private func cameOf(_ number: String?, _ known: String?) async -> ListenerResponse {
        let known = known.flatMap(Int.init) ?? 0
        guard let number = number.flatMap(Int.init),
            let order = await supervisor.cameOf(order: number, beyond: known)
        else {
            return .json(404, ["error": "there is no such order"])
        }
        return encoded(SyncResults(order))
    }
}

/// What `sync` asks for, on its way to the daemon: `{"streams":[{"connector","stream","full","since","accept_deletes"}]}`.
struct SyncWishes {
    var streams: [StreamID: SyncOptions] = [:]

    init(_ streams: [StreamID: SyncOptions]) {
        self.streams = streams
    }

    init?(_ value: JSONValue) {
        for entry in value["streams"]?.array ?? [] {
            guard let connector = entry["connector"]?.string, let stream = entry["stream"]?.string else { return nil }
            streams[StreamID(connector: connector, stream: stream)] = SyncOptions(
                full: entry["full"]?.bool ?? false,
                since: entry["since"]?.int64,
                acceptsDeletes: entry["accept_deletes"]?.bool ?? false
            )
        }
    }

    var json: JSONValue {
        let entries = streams.map { stream, options in
            JSONValue.object([
                .init("connector", .string(stream.connector)), .init("stream", .string(stream.stream)),
                .init("full", .bool(options.full)), .init("since", options.since.map { .number(String($0)) } ?? .null),
                .init("accept_deletes", .bool(options.acceptsDeletes)),
            ])
        }
        return ["streams": .array(entries)]
    }
}

extension ListenerResponse {
    static func json(_ status: Int, _ value: JSONValue) -> ListenerResponse {
        ListenerResponse(status: status, headers: ["Content-Type": "application/json"], body: Array(value.text.utf8))
    }
}

extension JSONValue {
    static func int(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }
}
