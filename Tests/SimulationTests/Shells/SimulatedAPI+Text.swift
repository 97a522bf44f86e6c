import ConnectorCore

/// Answers as text.
extension SimulatedAPI {
    func response(_ answer: Answer, to request: Request, now: Instant) -> TransportResponse {
        var response = TransportResponse(status: answer.status)
        response.headers["Content-Type"] = "application/json"
        if manners.sendsDate { response.headers["Date"] = now.httpDate }
        response.body = Array((answer.body ?? text(answer, request)).utf8)
        if manners.style == .linkHeader, let next = answer.next {
            response.headers["Link"] = "<\(link(next, request))>; rel=\"next\""
        }
        return response
    }

    private func text(_ answer: Answer, _ request: Request) -> String {
        let records = "[\(answer.entries.map(record).joined(separator: ","))]"
        guard !manners.isBare else { return records }
        var members = ["\"data\":\(records)"]
        if let more = more(answer, request) { members.append("\"more\":\(more)") }
        if manners.hasTotal { members.append("\"total\":\(answer.total)") }
        switch manners.style {
        case .token: if let next = answer.next { members.append("\"next\":\"\(next)\"") }
        case .link: members.append("\"next\":\(answer.next.map { "\"\(link($0, request))\"" } ?? "null")")
        default: break
        }
        return "{\(members.joined(separator: ","))}"
    }

    private func record(_ entry: ListEntry) -> String {
        guard let event = entry.event else { return object(entry) }
        let type = "order.\(event.isDelete ? "gone" : "changed")"
        let carried = object(ListEntry(id: event.record.id, stamp: event.record.stamp, record: event.record))
        return "{\"id\":\(entry.id),\"type\":\"\(type)\",\"at\":\(stamp(entry)),\"object\":\(carried)}"
    }

    private func object(_ entry: ListEntry) -> String {
        "{\"id\":\(entry.id),\"group\":\(entry.id % 4),\"at\":\(stamp(entry)),\"v\":\(entry.record.content)}"
    }

    private func stamp(_ entry: ListEntry) -> String {
        if manners.hasUnreadable, entry.id % 4 == 1 {
            return Manners.unreadable[entry.id / 4 % Manners.unreadable.count]
        }
        switch format.variable(for: entry.stamp) {
        case .integer(let number): return String(number)
        case .string(let text): return "\"\(text)\""
        default: return "null"
        }
    }

    private func more(_ answer: Answer, _ request: Request) -> String? {
        let says = answer.hasMore
        switch manners.more {
        case .none: return nil
        case .boolean: return String(says)
        case .text: return "\"\(says)\""
        case .number: return says ? "1" : "0"
        case .inverted: return String(!says)
        case .onlyTrue: return says ? "true" : nil
        case .onlyFirst: return answer.isFirst ? String(says) : nil
        case .url: return says ? "\"\(SimulatedAPI.path)?page=2\"" : "null"
        case .always(let value): return String(value)
        }
    }

    /// With the filters of the request, as a browser would need it.
    private func link(_ mark: String, _ request: Request) -> String {
        let kept = ["from", "until", "limit"].compactMap { name in
            request.query[name].map { "\(name)=\($0.percentEncoded)" }
        }
        let query = "?" + (kept + ["mark=\(mark)"]).joined(separator: "&")
        switch manners.link {
        case .absolute: return "https://shop.example" + request.path + query
        case .rootRelative: return request.path + query
        case .pathRelative: return "list" + query
        case .queryOnly: return query
        }
    }
}
