import ConnectorCore

extension WebhookRule {
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
        var read: [(event: WebhookEvent, memory: [UInt8]?)] = []
        for element in try WebhookBody.elements(of: body, at: events) {
            let event = try event(element, arrival)
            var memory = event.id
            // An id that is its object's comes again with each change.
            if effect(of: event.type).map({ namesObjects.contains($0.types) }) == true { memory += "." + hash(element) }
            read.append((event, id.isEmpty ? nil : Array(memory.utf8)))
        }
        return read
    }

    private func event(_ element: JSONValue, _ arrival: Arrival) throws(WebhookError) -> WebhookEvent {
        let name = try WebhookBody.checked(id: id.isEmpty ? hash(element) : try text(id, element, arrival))
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
        switch field {
        case .path(let path): try WebhookBody.text(at: path, in: element)
        case .header(let name): try WebhookBody.text(arrival.headers[name], at: "the header \(name)")
        case .query(let name):
            try WebhookBody.text(arrival.query.first { $0.name == name }?.value, at: "the parameter \(name)")
        case .text(let text): text
        }
    }
}
