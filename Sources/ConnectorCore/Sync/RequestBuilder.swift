/// Fills a stream's templates for one page.
package struct RequestBuilder: Sendable {
    package let connector: ConnectorDefinition
    package let stream: StreamDefinition

    package init(_ connector: ConnectorDefinition, _ stream: StreamDefinition) {
        self.connector = connector
        self.stream = stream
    }

    package func request(for page: PageRequest) -> TransportRequest {
        let variables = variables(for: page)
        var headers: TransportHeaders = ["Accept": "application/json"]
        let bounds = page.lower == nil ? [] : stream.cursor?.lowerHeaders ?? []
        for header in connector.headers + stream.headers + bounds {
            headers[header.name] = header.value.fill(variables)
        }
        var body: [UInt8]?
        if let template = stream.body {
            body = template.fill(variables)?.bytes
            headers["Content-Type"] = headers["Content-Type"] ?? "application/json"
        }
        return TransportRequest(
            method: stream.method,
            url: url(for: page, variables),
            headers: headers,
            body: body,
            limits: connector.limits,
            allowInsecure: connector.allowInsecure,
            tls: connector.tls
        )
    }

    private func url(for page: PageRequest, _ variables: TemplateVariables) -> String {
        if case .link(let url) = page.position { return url }
        let path = stream.path.fill(variables, absent: "", encode: \.percentEncoded) ?? ""
        let query = parameters(for: page).compactMap { parameter in
            parameter.value.fill(variables).map { "\(parameter.name.percentEncoded)=\($0.percentEncoded)" }
        }
        let joined = connector.baseURL.text(below: path)
        guard !query.isEmpty else { return joined }
        return joined + (joined.contains("?") ? "&" : "?") + query.joined(separator: "&")
    }

    /// Filters of one name are joined: OData has one `$filter` for all of them.
    private func parameters(for page: PageRequest) -> [QueryTemplate] {
        var parameters = stream.query
        let paging = stream.paging
        if let name = paging.sizeParameter, let size = page.size ?? paging.size {
            parameters.append(QueryTemplate(name, Template(literal: String(size))))
        }
        if page.lower != nil { parameters.merge(stream.cursor?.lower ?? []) }
        if page.upper != nil { parameters.merge(stream.cursor?.upper ?? []) }
        if let name = paging.parameter, let text = positionText(page.position) {
            parameters.append(QueryTemplate(name, Template(literal: text)))
        }
        return parameters
    }

    private func positionText(_ position: PagePosition) -> String? {
        switch position {
        case .first:
            stream.paging.countsPages ? String(stream.paging.first) : nil
        case .page(let number): String(number)
        // Counted from 0 everywhere but here.
        case .offset(let number): String(number + stream.paging.first)
        case .after(let json): Self.value(ofJSON: json).text
        case .token(let text): text
        case .link: nil
        }
    }

    private static func value(ofJSON text: String) -> TemplateVariables.Value {
        do throws(JSONError) {
            return .json(try JSONValue(parsing: text))
        } catch {
            return .string(text)
        }
    }

    private func variables(for page: PageRequest) -> TemplateVariables {
        var variables = connector.variables
        variables["limit"] = .integer(page.size ?? stream.paging.size ?? 100)
        variables["page"] = .integer(stream.paging.first)
        variables["offset"] = .integer(stream.paging.style == .offset ? stream.paging.first : 0)
        variables["after"] = .absent
        variables["token"] = .absent
        switch page.position {
        case .first, .link: break
        case .page(let number): variables["page"] = .integer(number)
        case .offset(let number): variables["offset"] = .integer(number + stream.paging.first)
        case .after(let json): variables["after"] = Self.value(ofJSON: json)
        case .token(let text): variables["token"] = .string(text)
        }
        if let cursor = stream.cursor {
            variables["cursor"] = page.lower.map(cursor.filterFormat.variable(for:)) ?? .absent
            variables["until"] = page.upper.map(cursor.filterFormat.variable(for:)) ?? .absent
        }
        fill("lower", stream.cursor?.lowerBody, where: page.lower != nil, &variables)
        fill("upper", stream.cursor?.upperBody, where: page.upper != nil, &variables)
        fill("lower", stream.cursor?.lowerText, where: page.lower != nil, &variables)
        fill("upper", stream.cursor?.upperText, where: page.upper != nil, &variables)
        fill("position", stream.paging.body, where: page.position != .first, &variables)
        return variables
    }

    /// In the middle of a text nothing is a value, too.
    private func fill(_ name: String, _ text: Template?, where applies: Bool, _ variables: inout TemplateVariables) {
        guard let text else { return }
        variables[name] = .string(applies ? text.fill(variables) ?? "" : "")
    }

    private func fill(
        _ name: String,
        _ template: JSONTemplate?,
        where applies: Bool,
        _ variables: inout TemplateVariables
    ) {
        let value = applies ? template?.fill(variables) : nil
        variables[name] = value.map(TemplateVariables.Value.json) ?? .absent
    }
}

extension [QueryTemplate] {
    fileprivate mutating func merge(_ filters: [QueryTemplate]) {
        for filter in filters {
            if let index = firstIndex(where: { $0.name == filter.name }) {
                self[index].value = self[index].value.joined(with: filter.value)
            } else {
                append(filter)
            }
        }
    }
}

extension Template {
    /// Both conditions, as OData writes it.
    fileprivate func joined(with other: Template) -> Template {
        Template(parts: parts + [.text(" and ")] + other.parts)
    }
}
