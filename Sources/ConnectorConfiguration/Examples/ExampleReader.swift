import ConnectorCore

/// Reads a file of examples, reporting every mistake.
package struct ExampleReader {
    private let diagnostics: DiagnosticCollector

    package init(_ diagnostics: DiagnosticCollector) {
        self.diagnostics = diagnostics
    }

    package func read(_ file: LocatedValue) -> ExampleFile? {
        ConfigReader.read(file, diagnostics: diagnostics) { reader in
            let connector = reader.optional("connector")?.value
            let found = reader.required("examples", "an object of examples by name")?.entries { name, item in
                item.object { example(name, item, &$0) }
            }
            return found.map { ExampleFile(connector: connector, examples: $0.map(\.value)) }
        }
    }

    private static let failures = FailureClass.allCases.map(\.word)

    private func example(_ name: String, _ item: ConfigItem, _ reader: inout ConfigReader) -> DefinitionExample? {
        let subjects = ["stream", "operation", "event"].filter { reader.contains($0) }
        guard subjects.count == 1 else {
            for key in reader.names { reader.allow(key) }
            let problem = subjects.isEmpty ? "says nothing of what it is about" : "is about \(subjects.count) things"
            item.error(problem, "write one of `stream`, `operation` and `event`")
            return nil
        }
        let subject: DefinitionExample.Subject? =
            switch subjects[0] {
            case "stream": page(&reader)
            case "operation": operation(&reader)
            default: event(&reader)
            }
        let request = reader.optionalObject("request", request)
        let answer = reader.optionalObject("answer", answer)
        let expected = expected(&reader)
        if case .page? = subject {
            let looked = ["records", "deleted", "does", "cursor", "next", "result", "failure"]
            for key in looked where answer == nil {
                reader.optional(key)?.error("is not looked at without `answer`", "write it")
            }
            if let failure = expected.failure, !Self.failures.contains(failure) {
                reader.optional("failure")?.error(
                    "is no kind of failure",
                    "write one of: \(DiagnosticText.list(Self.failures))"
                )
            }
        }
        if case .event? = subject {
        } else if answer == nil, request == nil {
            reader.error("request", "is missing, and `answer` too: nothing is looked at", "write one of them, or both")
        }
        return subject.map {
            DefinitionExample(
                name: name,
                location: item.value.location,
                subject: $0,
                request: request,
                answer: answer,
                expected: expected
            )
        }
    }

    // MARK: What it is about

    private func page(_ reader: inout ConfigReader) -> DefinitionExample.Subject? {
        guard let stream = reader.string("stream") else { return nil }
        let position: PagePosition = reader.optional("at").flatMap { self.position($0) } ?? .first
        return .page(stream: stream, at: position, lower: bound("lower", &reader), upper: bound("upper", &reader))
    }

    private func operation(_ reader: inout ConfigReader) -> DefinitionExample.Subject? {
        let data = reader.optional("data")?.json() ?? .object([])
        let key = reader.optionalString("key")
        return reader.string("operation").map { .operation($0, data: data, key: key) }
    }

    private func event(_ reader: inout ConfigReader) -> DefinitionExample.Subject? {
        reader.optionalObject("event") { event in
            let headers = event.optionalStringMap("headers")
            let query = event.optionalStringMap("query")
            guard let body = event.required("body", "what the sender sends")?.json() else { return nil }
            var fields = TransportHeaders()
            for header in headers { fields.add(header.name, header.value) }
            return .event(headers: fields, query: query, body: Self.bytes(body))
        }
    }

    /// `{ page: 2 }`, `{ offset: 100 }`, `{ after: "id" }`, `{ token: "t" }` or `{ link: "https://…" }`.
    private func position(_ item: ConfigItem) -> PagePosition? {
        item.object { reader in
            if let number = reader.optionalInteger("page") { return .page(Int64(number)) }
            if let number = reader.optionalInteger("offset") { return .offset(Int64(number)) }
            if let value = reader.optional("after") { return .after(value.json().text) }
            if let token = reader.optionalString("token") { return .token(token) }
            if let link = reader.optionalString("link") { return .link(link) }
            item.error("is no position", "write one of page, offset, after, token and link")
            return nil
        }
    }

    private func bound(_ key: String, _ reader: inout ConfigReader) -> DefinitionExample.Bound? {
        guard let item = reader.optional(key) else { return nil }
        if case .string(let text) = item.value.kind, let time = Instant(iso8601: text) { return .time(time) }
        return item.integer().map { .number(Int64($0)) }
    }

    // MARK: What is sent

    private func request(_ reader: inout ConfigReader) -> DefinitionExample.Request? {
        DefinitionExample.Request(
            method: reader.optionalString("method"),
            path: reader.optionalString("path"),
            query: scalars("query", &reader),
            headers: scalars("headers", &reader),
            body: reader.optional("body")?.json()
        )
    }

    private func answer(_ reader: inout ConfigReader) -> TransportResponse? {
        let status = reader.optionalInteger("status", range: 100...599, default: 200)
        var fields = TransportHeaders()
        for header in scalars("headers", &reader) { fields.add(header.name, header.value) }
        let body = reader.optional("body").map { Self.bytes($0.json()) } ?? []
        return TransportResponse(status: status, headers: fields, body: body)
    }

    /// A text is what it says, anything else is JSON.
    private static func bytes(_ body: JSONValue) -> [UInt8] { body.string.map { Array($0.utf8) } ?? body.bytes }

    private func scalars(_ key: String, _ reader: inout ConfigReader) -> [(name: String, value: String)] {
        let found = reader.optional(key)?.entries { _, item in
            item.scalarText()
                ?? {
                    item.mismatch(expected: "a text or a number", remedy: "write it in quotes")
                    return nil
                }()
        }
        return found?.map { ($0.name, $0.value) } ?? []
    }

    // MARK: What must come of it

    private func expected(_ reader: inout ConfigReader) -> DefinitionExample.Expected {
        DefinitionExample.Expected(
            records: reader.optional("records")?.elements { $0.json() },
            deleted: reader.optional("deleted")?.elements { $0.json() } ?? [],
            effects: reader.optional("does")?.elements { $0.object(effect) },
            cursor: bound("cursor", &reader),
            next: next(&reader),
            failure: reader.optionalString("failure"),
            result: reader.optional("result")?.json()
        )
    }

    /// `next: "end"`, or a position.
    private func next(_ reader: inout ConfigReader) -> DefinitionExample.Next? {
        guard let item = reader.optional("next") else { return nil }
        if case .string("end") = item.value.kind { return .end }
        return position(item).map { .at($0) }
    }

    private func effect(_ reader: inout ConfigReader) -> DefinitionExample.Effect? {
        let (upsert, delete) = (reader.optionalString("upsert"), reader.optionalString("delete"))
        return DefinitionExample.Effect(
            stream: upsert ?? delete,
            isDelete: upsert == nil && delete != nil,
            key: reader.optional("key")?.json(),
            syncs: reader.optionalStrings("sync")
        )
    }
}
