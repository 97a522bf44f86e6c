import ConnectorCore

/// What an operation's answer means.
struct OperationAnswer {
    private let operation: OperationDefinition
    private let connector: ConnectorDefinition
    private let session: APISession

    init(_ operation: OperationDefinition, _ connector: ConnectorDefinition, _ session: APISession) {
        self.operation = operation
        self.connector = connector
        self.session = session
    }

    /// The model's fields where the operation names a model, else the object as it came.
    func value(of response: TransportResponse, to request: TransportRequest) throws -> JSONValue {
        let body = try self.body(response, request)
        try checkError(body, response, request)
        guard let object = FieldPath.value(at: operation.result, in: body) else {
            throw unreadable(request, response, "it has no \(operation.result.joined(separator: "."))")
        }
        guard let model = operation.returns.flatMap({ connector.models[$0] }) else {
            return withTag(object.members == nil && !object.isNull ? ["id": object] : object, of: object, response)
        }
        let (mapped, mistakes) = model.apply(to: object)
        guard mistakes.isEmpty else { throw unreadable(request, response, mistakes.joined(separator: "; ")) }
        return withTag(mapped, of: object, response)
    }

    private func body(_ response: TransportResponse, _ request: TransportRequest) throws -> JSONValue {
        guard !response.body.isEmpty else { return .object([]) }
        if operation.body == .xml { return ["xml": .string(String(decoding: response.body, as: UTF8.self))] }
        do throws(JSONError) {
            return try JSONValue(parsingAnswer: response.body)
        } catch {
            throw unreadable(request, response, "\(error)")
        }
    }

    /// Some APIs (JSON-RPC) say errors with status 200.
    private func checkError(_ body: JSONValue, _ response: TransportResponse, _ request: TransportRequest) throws {
        guard let path = connector.errors.present, let found = FieldPath.value(at: path, in: body),
            !connector.errors.isNone(found.bytes)
        else { return }
        let failure = session.withoutSecrets(session.failure(inBodyOf: response, request))
        let code = FieldPath.first(of: connector.errors.code, in: body)?.value
        let context = ErrorContext(
            failure.message,
            code: code.map { $0.string ?? $0.text },
            statusCode: response.status,
            details: session.repeatsSecret(response) ? .null : found,
            request: "\(request.method) \(URLReference(request.url)?.target.prefix { $0 != "?" } ?? "")",
            hint: "the server refused the operation; correct the data",
            mayHaveBeenSent: true
        )
        switch (failure.kind, connector.family) {
        case (.credentials, _), (.forbidden, _): throw AuthenticationError(context)
        case (.throttled, _): throw RateLimitError(context)
        case (_, .api): throw APIError(context)
        case (_, .payment): throw PaymentError(context)
        case (_, .erp): throw ERPError(context)
        }
    }

    private func unreadable(_ request: TransportRequest, _ response: TransportResponse, _ what: String) -> APIError {
        let context = ErrorContext(
            "\(operation.name) was answered with status \(response.status), but the answer can't be read: \(what)",
            code: "BAD_ANSWER",
            statusCode: response.status,
            request: "\(request.method) \(URLReference(request.url)?.target.prefix { $0 != "?" } ?? "")",
            hint: "it may have been done: look before you do it again; the definition does not fit this answer",
            mayHaveBeenSent: true
        )
        return APIError(context)
    }

    private func withTag(_ object: JSONValue, of source: JSONValue, _ response: TransportResponse) -> JSONValue {
        let path = operation.etagPath
        let written = path.isEmpty ? nil : FieldPath.value(at: path, in: source)?.string
        guard let tag = operation.etag.flatMap({ response.headers[$0] }) ?? written, let members = object.members else {
            return object
        }
        return .object(members.filter { $0.name != "etag" } + [.init("etag", .string(tag))])
    }
}
