/// Makes an operation's request of the caller's data.
package enum OperationRequest {
    /// Why data does not make a request.
    package struct Mistake: Error, Sendable, Equatable {
        package enum Kind: Sendable {
            case missing
            /// No template names them: they would be dropped.
            case unknown
            /// Nearly the name of another, which is what was meant.
            case misspelled
            /// They have no form that the API understands, such as an amount without a currency.
            case unwritable
        }

        package var kind: Kind
        package var fields: [String]

        package init(kind: Kind, fields: [String]) {
            self.kind = kind
            self.fields = fields
        }
    }

    /// - Parameters:
    ///   - data: an object; its members are the placeholders' values, `${data}` is all of it, `${rest}` all but `id`,
    ///     `etag` and `entity_type`; `${odata_key}` is the id as OData writes keys, `${if_match}` the etag or `*`.
    ///   - idempotencyKey: sent where the operation names a header for it.
    ///
    /// `${record}` is the rest under the API's names, by the model that the operation takes.
    ///
    /// Throws what the path needs and the data lacks, and what the data has and no template names.
    package static func make(
        _ operation: OperationDefinition,
        _ connector: ConnectorDefinition,
        data: JSONValue,
        idempotencyKey: String?
    ) throws(Mistake) -> TransportRequest {
        let others = try others(operation, data)
        var variables = try variables(data, operation, connector)
        variables[OperationDefinition.keyName] = idempotencyKey.map { .string($0) } ?? .absent
        let missing = operation.path.variables.filter { variables[$0].map { $0.text.isEmpty } ?? true }
        guard missing.isEmpty, let path = operation.path.fill(variables, encode: \.percentEncoded) else {
            throw Mistake(kind: .missing, fields: missing)
        }
        // libcurl, and many servers, would take the part before away: another object, or all of them.
        let parts = path.prefix { $0 != "?" }.split(separator: "/")
        guard !parts.contains("."), !parts.contains("..") else {
            throw Mistake(kind: .unwritable, fields: operation.path.variables)
        }
        var headers: TransportHeaders = ["Accept": operation.body == .xml ? "text/xml" : "application/json"]
        for header in connector.headers + operation.headers {
            if let value = header.value.fill(variables) { headers[header.name] = value }
        }
        let body = body(operation, variables, others)
        if let body { headers["Content-Type"] = headers["Content-Type"] ?? body.type }
        if let name = operation.idempotency, let idempotencyKey { headers[name] = idempotencyKey }
        let query = operation.query.compactMap { item in
            item.value.fill(variables).map { "\(item.name.percentEncoded)=\($0.percentEncoded)" }
        }
        return TransportRequest(
            method: operation.method,
            url: connector.baseURL.text(below: path)
                + (query.isEmpty ? "" : (path.contains("?") ? "&" : "?") + query.joined(separator: "&")),
            headers: headers,
            body: body?.bytes,
            limits: connector.limits,
            allowInsecure: connector.allowInsecure,
            tls: connector.tls
        )
    }

    /// Members that no template names, where they are sent all the same.
    private static func others(_ operation: OperationDefinition, _ data: JSONValue) throws(Mistake) -> [JSONValue
        .Member]
    {
        var named = Set(operation.variables)
        // It is the call's, and none of the data: what stands under its name would be dropped.
        if named.remove(OperationDefinition.keyName) != nil, data[OperationDefinition.keyName] != nil {
            throw Mistake(kind: .unknown, fields: [OperationDefinition.keyName])
        }
        guard named.isDisjoint(with: ["data", "rest", "record"]) else { return [] }
        if named.contains("if_match") { named.insert("etag") }
        if named.contains("odata_key") { named.insert("id") }
        // These have done their work when this operation was chosen.
        named.formUnion(operation.variants.map(\.field) + ["entity_type"])
        let others = (data.members ?? []).filter { !named.contains($0.name) }
        let isOpen = operation.otherFields == .send && (operation.body == .form || operation.body == .json)
        guard others.isEmpty || isOpen else { throw Mistake(kind: .unknown, fields: others.map(\.name)) }
        // What is sent as it is, is sent: but a slip of the keyboard beside a field that is known moves no money.
        let slips = others.filter { NearestName.of($0.name, among: named) != nil }
        guard slips.isEmpty else { throw Mistake(kind: .misspelled, fields: slips.map(\.name)) }
        return others
    }

    private static func variables(
        _ data: JSONValue,
        _ operation: OperationDefinition,
        _ connector: ConnectorDefinition
    ) throws(Mistake) -> TemplateVariables {
        var variables = connector.variables
        let members = data.members ?? []
        for member in members where !member.value.isNull { variables[member.name] = .json(member.value) }
        variables["data"] = .json(data)
        let rest = JSONValue.object(members.filter { !["id", "etag", "entity_type"].contains($0.name) })
        variables["rest"] = .json(rest)
        if let model = operation.takes.flatMap({ connector.models[$0] }) {
            let (record, mistakes) = model.record(of: rest)
            guard mistakes.isEmpty else { throw Mistake(kind: .unwritable, fields: mistakes) }
            variables["record"] = .json(record)
        }
        variables["if_match"] = .string(data["etag"]?.string ?? "*")
        variables["odata_key"] = data["id"].map { .string(odataKey($0)) }
        return variables
    }

    /// A text in quotes, doubled inside; numbers and GUIDs as they are (OData 4.01, URL conventions § 4.3.1).
    private static func odataKey(_ id: JSONValue) -> String {
        guard let text = id.string else { return id.text }
        if isGUID(text) { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    private static func isGUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }

    private static func body(
        _ operation: OperationDefinition,
        _ variables: TemplateVariables,
        _ others: [JSONValue.Member]
    ) -> (bytes: [UInt8], type: String)? {
        func fields() -> JSONValue? {
            let filled = operation.fields?.fill(variables)
            return others.isEmpty ? filled : .object((filled?.members ?? []) + others)
        }
        switch operation.body {
        case .none: return nil
        case .json: return (fields()?.bytes ?? [], "application/json")
        case .form:
            let text = fields().map { FormText.text($0) } ?? ""
            return (Array(text.utf8), "application/x-www-form-urlencoded")
        case .xml:
            let text = operation.template?.fill(variables, absent: "", encode: { XMLText.escaped($0) }) ?? ""
            return (Array(text.utf8), "text/xml; charset=utf-8")
        }
    }
}

/// A form of nested values as payment APIs read it: `metadata[order]=7`, `items[0][price]=p1`.
package enum FormText {
    package static func text(_ value: JSONValue) -> String {
        pairs(value, name: "").map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }

    private static func pairs(_ value: JSONValue, name: String) -> [(name: String, value: String)] {
        switch value {
        case .object(let members):
            return members.flatMap { member in
                let part = member.name.percentEncoded
                return pairs(member.value, name: name.isEmpty ? part : "\(name)[\(part)]")
            }
        case .array(let elements):
            return elements.enumerated().flatMap { pairs($0.element, name: "\(name)[\($0.offset)]") }
        case .null: return [(name, "")]
        case .string(let text): return [(name, text)]
        case .bool, .number: return [(name, value.text)]
        }
    }
}

/// Text inside of XML.
package enum XMLText {
    /// Characters that XML 1.0 does not know are left out.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            default: if scalar.value >= 0x20, scalar.value & 0xFFFE != 0xFFFE { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
