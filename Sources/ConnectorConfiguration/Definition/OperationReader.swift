package import ConnectorCore

/// Reads `operations` and `models` of a definition.
package struct OperationReader {
    /// More of either than any API needs.
    static let most = 500

    package init() {}

    package func operations(_ reader: inout ConfigReader) -> [String: OperationDefinition] {
        var operations: [String: OperationDefinition] = [:]
        let found = reader.optional("operations")?.entries { name, item in
            item.object { operation(name, &$0) }
        }
        for (name, operation) in (found ?? []).prefix(Self.most) { operations[name] = operation }
        for operation in operations.values {
            for variant in operation.variants where operations[variant.operation] == nil {
                reader.error(
                    "operations",
                    "\(operation.name) leads to \"\(variant.operation)\", which is none",
                    "name an operation"
                )
            }
        }
        return operations
    }

    package func models(_ reader: inout ConfigReader) -> [String: FieldMap] {
        var models: [String: FieldMap] = [:]
        let found = reader.optional("models")?.entries { _, item in
            item.entries { name, source in sources(source).map { FieldMap.Field(name, $0) } }
        }
        for (name, fields) in (found ?? []).prefix(Self.most) { models[name] = FieldMap(fields.map(\.value)) }
        return models
    }

    private func operation(_ name: String, _ reader: inout ConfigReader) -> OperationDefinition? {
        let path = template("path", &reader)
        if !reader.contains("path") {
            reader.error("path", "is missing", "write the path below base_url, such as \"/v1/charges\"")
        }
        guard let path else {
            for key in reader.names { reader.allow(key) }
            return nil
        }
        var operation = OperationDefinition(name: name, path: path)
        operation.method = reader.optionalString("method", default: "POST").uppercased()
        operation.reads = reader.optionalBool("reads", default: false)
        operation.query = templates("query", &reader)
        operation.headers = templates("headers", &reader)
        operation.fields = reader.optional("fields").flatMap { item in
            let read = JSONTemplate(item.json())
            if read == nil {
                item.error("holds a template that is none", "write placeholders as ${name}, and $$ for a $")
            }
            return read
        }
        operation.otherFields = reader.optionalChoice("other_fields", default: .refuse)
        operation.takes = reader.optionalString("takes")
        operation.template = template("template", &reader)
        let usual: OperationDefinition.Body = operation.template != nil ? .xml : operation.fields != nil ? .json : .none
        operation.body = reader.optionalChoice("body", default: usual)
        operation.idempotency = reader.optionalString("idempotency")
        operation.result = reader.path("result") ?? []
        operation.returns = reader.optionalString("returns")
        operation.etag = reader.optionalString("etag")
        operation.etagPath = reader.path("etag_path") ?? []
        operation.variants = variants(&reader)
        checkBody(operation, reader)
        return operation
    }

    private func checkBody(_ operation: OperationDefinition, _ reader: ConfigReader) {
        switch operation.body {
        case .form, .json:
            if operation.fields == nil {
                reader.error("fields", "is missing", "write what the body holds: fields: { amount: \"${amount}\" }")
            }
        case .xml:
            if operation.template == nil {
                reader.error("template", "is missing", "write the XML, with ${name} for values")
            }
        case .none: break
        }
        let unused: [(key: String, isWritten: Bool)] = [
            ("fields", operation.fields != nil && operation.body != .form && operation.body != .json),
            ("template", operation.template != nil && operation.body != .xml),
        ]
        for (key, isWritten) in unused where isWritten {
            let body = DiagnosticText.quoted(operation.body.rawValue)
            reader.warning(key, "is not sent: the body is \(body)", "remove it, or write another `body`")
        }
        if let name = operation.idempotency?.lowercased(),
            operation.headers.contains(where: { $0.name.lowercased() == name })
        {
            reader.error("headers", "holds the header of `idempotency`, which replaces it", "remove it there")
        }
    }

    /// `variants: { at_period_end: { "false": "cancel_now" } }`
    private func variants(_ reader: inout ConfigReader) -> [OperationDefinition.Variant] {
        let found = reader.optional("variants")?.entries { field, item in item.stringMap().map { (field, $0) } } ?? []
        return found.flatMap { entry in
            entry.value.1.map { .init(field: entry.value.0, value: $0.name, operation: $0.value) }
        }
    }

    private func template(_ key: String, _ reader: inout ConfigReader) -> Template? {
        reader.optional(key)?.parsed("a text with placeholders such as ${id}") { Template($0) }
    }

    private func templates(_ key: String, _ reader: inout ConfigReader) -> [QueryTemplate] {
        let found = reader.optional(key)?.entries { name, item in
            item.scalarText().flatMap { Template($0) }.map { QueryTemplate(name, $0) }
        }
        return found?.map(\.value) ?? []
    }

    // MARK: Models

    /// A path, an object that says more, or a list of both of which the first that yields a value counts.
    private func sources(_ item: ConfigItem) -> [FieldMap.Source]? {
        if case .array = item.value.kind { return item.elements { source($0) } }
        return source(item).map { [$0] }
    }

    private enum FormatName: RawRepresentable, CaseIterable {
        case text
        case decimal
        case time(CursorFormat)

        static let allCases = [text, decimal] + CursorFormat.allCases.filter(\.isTime).map { time($0) }

        init?(rawValue: String) {
            switch rawValue {
            case "text": self = .text
            case "decimal": self = .decimal
            default:
                guard let format = CursorFormat(rawValue: rawValue), format.isTime else { return nil }
                self = .time(format)
            }
        }

        var rawValue: String {
            switch self {
            case .text: "text"
            case .decimal: "decimal"
            case .time(let format): format.rawValue
            }
        }
    }

    private func source(_ item: ConfigItem) -> FieldMap.Source? {
        var source = FieldMap.Source()
        if case .string = item.value.kind {
            return FieldPath.parse(item).map { path in
                source.path = path
                return source
            }
        }
        return item.object { reader in
            source.path = reader.path("path") ?? []
            source.constant = reader.optional("value")?.json()
            source.condition = reader.path("if")
            source.target = reader.path("to")
            source.written = reader.optional("write").flatMap { JSONTemplate($0.json()) }
            source.isReadOnly = reader.optionalBool("read_only", default: false)
            source.values = Dictionary(reader.optionalStringMap("values").map { ($0.name, $0.value) }) { $1 }
            let currency = reader.path("currency")
            switch reader.optionalChoice("format", of: FormatName.self) {
            case nil: break
            case .text: source.format = .text
            case .decimal:
                guard let currency else {
                    reader.error("currency", "is missing", "write the path of the currency's code beside it")
                    return nil
                }
                source.format = .decimal(currency: currency)
            case .time(let format): source.format = .time(format)
            }
            if source.path.isEmpty, source.constant == nil {
                reader.error(
                    "path",
                    "is missing",
                    "write where the value is, or value: for one that is always the same"
                )
                return nil
            }
            return source
        }
    }
}
