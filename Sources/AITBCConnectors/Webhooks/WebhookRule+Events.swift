import ConnectorCore

extension WebhookRule {
    /// So many events a body may hold: GoCardless sends up to 250.
    static let mostEvents = 5_000
    /// Sixteen times as long as the longest id that is known; an id is remembered.
    private static let longestID = 512

    /// A request, and what is known of it besides its body.
    struct Arrival {
        var headers: TransportHeaders
        var query: [(name: String, value: String)]
        var delivery: WebhookFields.Delivery
    }

    /// The events of a body that was proven, those that the definition does nothing with included. One that has no id or
    /// no type makes the body none: an event must not get lost unseen.
    ///
    /// Beside each is what it is remembered by: nothing where its sender gives it no name, since nothing tells a repetition
    /// from news then.
    func events(
        in body: [UInt8],
        _ arrival: Arrival,
        namesObjects: Set<String>
    ) throws(WebhookError) -> [(event: WebhookEvent, memory: [UInt8]?)] {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsingAnswer: body)
        } catch {
            throw WebhookError(.malformedEvent, "it is no JSON", underlying: error)
        }
        var elements = [document]
        if let events {
            guard let array = FieldPath.value(at: events, in: document)?.array else {
                throw WebhookError(.malformedEvent, "there is no array at `\(events.joined(separator: "."))`")
            }
            elements = array
        }
        guard elements.count <= Self.mostEvents else {
            throw WebhookError(.malformedEvent, "it holds more than \(Self.mostEvents) events")
        }
        var read: [(event: WebhookEvent, memory: [UInt8]?)] = []
        for element in elements {
            let event = try event(element, arrival)
            var memory = event.id
            // An id that is its object's comes again with each change.
            if effect(of: event.type).map({ namesObjects.contains($0.types) }) == true { memory += "." + hash(element) }
            read.append((event, id.isEmpty ? nil : Array(memory.utf8)))
        }
        return read
    }

    private func event(_ element: JSONValue, _ arrival: Arrival) throws(WebhookError) -> WebhookEvent {
        let name = id.isEmpty ? hash(element) : try text(id, element, arrival)
        guard name.utf8.count <= Self.longestID else {
            throw WebhookError(.malformedEvent, "the id is longer than \(Self.longestID) bytes")
        }
        let time = version.flatMap { version -> Instant? in
            guard version.format.isTime, let value = FieldPath.value(at: version.field, in: element) else { return nil }
            return version.format.value(of: value.bytes).map { Instant(nanoseconds: $0) }
        }
        return WebhookEvent(
            id: name,
            type: try text(type, element, arrival),
            source: arrival.delivery.source,
            timestamp: time ?? arrival.delivery.arrived,
            data: FieldPath.value(at: object, in: element) ?? .null,
            signature: arrival.delivery.signature
        )
    }

    private func hash(_ element: JSONValue) -> String {
        let hash = ContentHash.hash(element.bytes)
        return String(hash.high, radix: 16) + "-" + String(hash.low, radix: 16)
    }

    private func text(
        _ fields: [WebhookField],
        _ element: JSONValue,
        _ arrival: Arrival
    ) throws(WebhookError) -> String {
        var parts: [String] = []
        for field in fields { parts.append(try part(field, element, arrival)) }
        return parts.joined(separator: ".")
    }

    private func part(
        _ field: WebhookField,
        _ element: JSONValue,
        _ arrival: Arrival
    ) throws(WebhookError) -> String {
        let (found, place): (String?, String)
        switch field {
        case .path(let path):
            let value = FieldPath.value(at: path, in: element)
            (found, place) = (value?.string ?? value?.number, "`\(path.joined(separator: "."))`")
        case .header(let name): (found, place) = (arrival.headers[name], "the header \(name)")
        case .query(let name):
            (found, place) = (arrival.query.first { $0.name == name }?.value, "the parameter \(name)")
        case .text(let text): (found, place) = (text, "the definition")
        }
        guard let found, !found.isEmpty else { throw WebhookError(.malformedEvent, "there is no text at \(place)") }
        return found
    }
}
