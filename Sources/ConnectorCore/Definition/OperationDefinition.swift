/// One call of an API that a person or a program asks for: how its request is made of the caller's data, and what its
/// answer becomes. Data of a definition.
package struct OperationDefinition: Sendable, Equatable {
    package enum Body: String, Sendable, CaseIterable {
        case none
        case form
        case json
        /// `template` filled with escaped values (SOAP).
        case xml
    }

    /// What becomes of members of the data that no template names.
    package enum OtherFields: String, Sendable, CaseIterable {
        /// The operation is refused: a field that is dropped in silence is a charge without its customer.
        case refuse
        /// They go along under their own names.
        case send
    }

    package var name: String
    package var method: String
    /// Whether it changes nothing, although its method may: JSON-RPC reads with POST.
    package var reads: Bool
    package var path: Template
    package var query: [QueryTemplate]
    /// Left out where a placeholder has no value.
    package var headers: [QueryTemplate]
    package var body: Body
    /// Of a form or JSON body.
    package var fields: JSONTemplate?
    package var otherFields: OtherFields
    /// Which of the definition's models the data is: `${record}` is it under the API's own names.
    package var takes: String?
    /// Of an XML body.
    package var template: Template?
    /// The header that bears an idempotency key, where the API has one.
    package var idempotency: String?
    /// Where in the answer the object is.
    package var result: [String]
    /// Which of the definition's models the object is turned into.
    package var returns: String?
    /// A header of the answer that becomes the object's `etag`.
    package var etag: String?
    /// Where an answer without that header has it.
    package var etagPath: [String]
    /// Another operation where a member of the data has this value.
    package var variants: [Variant]

    package struct Variant: Sendable, Equatable {
        package var field: String
        package var value: String
        package var operation: String

        package init(field: String, value: String, operation: String) {
            self.field = field
            self.value = value
            self.operation = operation
        }
    }

    package init(name: String, method: String = "POST", path: Template) {
        self.name = name
        self.method = method
        self.path = path
        reads = false
        query = []
        headers = []
        body = .none
        fields = nil
        otherFields = .refuse
        takes = nil
        template = nil
        idempotency = nil
        result = []
        returns = nil
        etag = nil
        etagPath = []
        variants = []
    }

    /// The placeholder of an idempotency key, for APIs that have it in the body or the query.
    package static let keyName = "idempotency_key"

    /// Whether its requests bear an idempotency key.
    package var bearsKey: Bool { idempotency != nil || variables.contains(Self.keyName) }

    /// Whether it changes something: then it is audited.
    package var isWrite: Bool { !reads && method != "GET" && method != "HEAD" }

    /// Whether its request may be sent twice without a key.
    package var isIdempotent: Bool { !isWrite || method == "PUT" || method == "DELETE" }

    /// Which operation is meant by this data.
    package func variant(for data: JSONValue) -> String? {
        variants.first { variant in
            data[variant.field].map { ($0.string ?? $0.text) == variant.value } ?? false
        }?.operation
    }

    /// Every placeholder.
    package var variables: [String] {
        path.variables + (query + headers).flatMap(\.value.variables) + (fields?.variables ?? [])
            + (template?.variables ?? [])
    }
}

extension ConnectorDefinition {
    /// The operation of that name: its own, or for `create_Customers` the definition's `create_entity`.
    package func operation(_ name: String) -> OperationDefinition? {
        if let own = operations[name] { return own }
        let verb = ["create_", "update_", "delete_"].first { name.hasPrefix($0) }
        return verb.flatMap { operations[$0 + "entity"] }
    }
}
