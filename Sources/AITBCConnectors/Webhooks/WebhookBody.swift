import ConnectorCore

/// What the bodies of all senders have in common.
enum WebhookBody {
    /// The events of a body, which is one by itself where there is no path to several.
    static func elements(of body: [UInt8], at path: [String]?) throws(WebhookError) -> [JSONValue] {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsingAnswer: body)
        } catch {
            throw WebhookError(.malformedEvent, "it is no JSON", underlying: error)
        }
        guard let path else { return [document] }
        guard let elements = FieldPath.value(at: path, in: document)?.array else {
            throw WebhookError(.malformedEvent, "there is no array at \(shown(path))")
        }
        guard elements.count <= WebhookRule.mostEvents else {
            throw WebhookError(.malformedEvent, "it holds more than \(WebhookRule.mostEvents) events")
        }
        return elements
    }

    /// An id that may be remembered.
    static func checked(id: String) throws(WebhookError) -> String {
        guard id.utf8.count <= WebhookRule.longestID else {
            throw WebhookError(.malformedEvent, "the id is longer than \(WebhookRule.longestID) bytes")
        }
        return id
    }

    static func text(_ found: String?, at place: String) throws(WebhookError) -> String {
        guard let found, !found.isEmpty else { throw WebhookError(.malformedEvent, "there is no text at \(place)") }
        return found
    }

    static func text(at path: [String], in event: JSONValue) throws(WebhookError) -> String {
        let value = FieldPath.value(at: path, in: event)
        return try text(value?.string ?? value?.number, at: shown(path))
    }

    private static func shown(_ path: [String]) -> String { "`\(path.joined(separator: "."))`" }
}
