package import ConnectorConfiguration
package import ConnectorCore

/// Does what an example describes with a connector of the definition, without a network, and says what differs.
///
/// Requests are made, and answers read, by the same code as in a sync and in a call. The proof of identity is left out: an
/// example needs no secret that is one.
package struct ExampleTrial {
    private let connector: ConnectorDefinition
    private let clocks: any Clocks

    package init(_ connector: ConnectorDefinition, clocks: any Clocks) {
        var connector = connector
        connector.auth = .none
        connector.retry = RetryPolicy(maxRetries: 0)
        self.connector = connector
        self.clocks = clocks
    }

    /// What is not as the example says; empty where all is.
    package func differences(_ example: DefinitionExample) async -> [String] {
        switch example.subject {
        case .page(let name, let position, let lower, let upper):
            guard let stream = connector.streams.first(where: { $0.id.stream == name }) else {
                return ["there is no stream \"\(name)\""]
            }
            var asked = PageRequest(position: position)
            for (bound, path) in [(lower, \PageRequest.lower), (upper, \PageRequest.upper)] {
                guard let bound else { continue }
                guard let value = stream.cursor.flatMap({ bound.value(of: $0.format) }) else {
                    return ["a bound is no value of the stream's cursor"]
                }
                asked[keyPath: path] = value
            }
            return await page(example, stream, asked)
        case .operation(let name, let data, let key): return await operation(example, name, data, key)
        case .event(let headers, let query, let body): return events(example, headers, query, body)
        }
    }

    // MARK: A page

    private func page(
        _ example: DefinitionExample,
        _ stream: StreamDefinition,
        _ asked: PageRequest
    ) async -> [String] {
        let request = RequestBuilder(connector, stream).request(for: asked)
        let wrong = example.request.map { RequestComparison(connector, request).differences($0) } ?? []
        guard let answer = example.answer else { return wrong }
        let session = APISession(
            connector,
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            transport: OneAnswer(answer),
            clocks: clocks
        )
        let source = PageSource(session, stream, memory: .all)
        do throws(SyncFailure) {
            let page = try await source.page(asked)
            if let failure = example.expected.failure {
                return wrong + ["the answer is read, and should be a failure: \(failure)"]
            }
            return wrong + read(page, source.reader, example.expected, asked.position)
        } catch {
            guard example.expected.failure != error.kind.word else { return wrong }
            let wanted = example.expected.failure.map { "a failure: \($0)" } ?? "read"
            return wrong + ["the answer should be \(wanted), and is a failure: \(error.kind.word): \(error.message)"]
        }
    }

    private func read(
        _ source: SourcePage,
        _ reader: PageReader,
        _ expected: DefinitionExample.Expected,
        _ position: PagePosition
    ) -> [String] {
        let lines = reader.stream.feed == nil ? lines(source, reader) : []
        var wrong: [String] = []
        func compare(_ what: String, _ found: JSONValue, _ wanted: JSONValue) {
            if found != wanted { wrong.append("\(what): \(found.text) instead of \(wanted.text)") }
        }
        let gone = lines.filter { $0["op"]?.string == "delete" }.map { $0["id"] ?? .null }
        if let records = expected.records {
            let isFeed = reader.stream.feed != nil
            let there = lines.filter { $0["op"]?.string != "delete" }.map { $0["id"] ?? .null }
            let events = source.heads.records.indices.map { Self.json(reader.keyText(source.page, $0)) }
            compare("records", .array(isFeed ? events : there), .array(records))
        }
        compare("deleted", .array(gone), .array(expected.deleted))
        if let effects = expected.effects {
            compare(
                "does",
                .array(source.heads.records.compactMap(\.routed).map(Self.json)),
                .array(effects.map(Self.json))
            )
        }
        if let cursor = expected.cursor, let rule = reader.stream.cursor {
            let highest = source.heads.records.compactMap(\.cursor).max()
            if highest != cursor.value(of: rule.format) {
                let field = rule.fields.map { $0.joined(separator: ".") }.joined(separator: ", ")
                wrong.append("cursor: \(highest.map(rule.format.shown) ?? "no record has a value") at \(field)")
            }
        }
        if let next = expected.next { wrong += self.next(source.heads.facts, reader.stream, position, next) }
        if let result = expected.result { wrong += model(lines.first?["record"], reader.stream, result) }
        return wrong
    }

    private func lines(_ source: SourcePage, _ reader: PageReader) -> [JSONValue] {
        source.heads.records.indices.map { index in
            var line: [UInt8] = []
            let delivery = Delivery(index: index, stream: reader.stream.id)
            reader.append(delivery, of: source.page, to: &line, time: [])
            return Self.json(String(decoding: line, as: UTF8.self))
        }
    }

    /// What a reader has written is JSON: a failure would show as a null where a key is expected.
    private static func json(_ text: String) -> JSONValue { (try? JSONValue(parsing: text)) ?? .null }

    private static func json(_ routed: RoutedHead) -> JSONValue {
        json(.init(stream: routed.stream.stream, isDelete: routed.isDelete, key: json(routed.keyText), syncs: []))
    }

    private static func json(_ effect: DefinitionExample.Effect) -> JSONValue {
        let stream = effect.stream.map { [JSONValue.Member(effect.isDelete ? "delete" : "upsert", .string($0))] } ?? []
        let syncs = effect.syncs.isEmpty ? [] : [JSONValue.Member("sync", .array(effect.syncs.map(JSONValue.string)))]
        return .object(stream + (effect.key.map { [.init("key", $0)] } ?? []) + syncs)
    }

    private func next(
        _ facts: PageFacts,
        _ stream: StreamDefinition,
        _ position: PagePosition,
        _ wanted: DefinitionExample.Next
    ) -> [String] {
        let step: PageStep
        do throws(WalkError) {
            step = try stream.paging.step(after: position, facts, base: connector.baseURL)
        } catch {
            return ["next: \(error)"]
        }
        switch (step, wanted) {
        case (.end, .end), (.unprovenEnd, .end): return []
        case (.next(let found), .at(let wanted)) where found == wanted: return []
        case (.next(let found), _), (.unprovenEnd(let found), _):
            return ["next: \(found.encoded.text) is where the list goes on by this page"]
        case (.end, _): return ["next: the page says that it is the last one"]
        }
    }

    private func model(_ record: JSONValue?, _ stream: StreamDefinition, _ wanted: JSONValue) -> [String] {
        guard let map = stream.model.flatMap({ connector.models[$0] }) else {
            return ["result: the stream has no model"]
        }
        guard let record else { return ["result: there is no record"] }
        let (object, mistakes) = map.apply(to: record)
        return mistakes.map { "result: \($0)" } + Self.missing(wanted, in: object)
    }

    /// Members that are named and not as they should be.
    private static func missing(_ wanted: JSONValue, in found: JSONValue) -> [String] {
        guard let members = wanted.members else {
            return wanted == found ? [] : ["result: \(found.text) instead of \(wanted.text)"]
        }
        return members.compactMap { member in
            let value = found[member.name] ?? .null
            return value == member.value ? nil : "result.\(member.name): \(value.text) instead of \(member.value.text)"
        }
    }

    // MARK: An operation

    private func operation(_ example: DefinitionExample, _ name: String, _ data: JSONValue, _ key: String?) async
        -> [String]
    {
        let transport = OneAnswer(example.answer)
        do {
            let engine = try ConnectorEngine(
                connector,
                gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
                transport: transport,
                clocks: clocks
            )
            guard example.answer != nil else {
                let request = try engine.preview(name, data, key: key)
                return example.request.map { RequestComparison(connector, request).differences($0) } ?? []
            }
            let result: Result<JSONValue, any Error>
            do { result = .success(try await engine.perform(name, data, key: key)) } catch { result = .failure(error) }
            let sent = transport.sent
            let wrong = example.request.flatMap { wanted in
                sent.map { RequestComparison(connector, $0).differences(wanted) } ?? ["nothing was sent"]
            }
            return (wrong ?? []) + outcome(result, example.expected)
        } catch {
            return outcome(.failure(error), example.expected)
        }
    }

    private func outcome(_ result: Result<JSONValue, any Error>, _ expected: DefinitionExample.Expected) -> [String] {
        switch result {
        case .success(let value):
            if let failure = expected.failure { return ["it succeeds, and should fail with \(failure)"] }
            return expected.result.map { Self.missing($0, in: value) } ?? []
        case .failure(let error):
            let code = (error as? any AITBCError)?.code ?? ""
            guard expected.failure != code || code.isEmpty else { return [] }
            let wanted = expected.failure.map { "fail with \($0)" } ?? "succeed"
            return ["it should \(wanted), and fails \(code.isEmpty ? "without a code" : "with \(code)"): \(error)"]
        }
    }

    // MARK: An event

    private func events(
        _ example: DefinitionExample,
        _ headers: TransportHeaders,
        _ query: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> [String] {
        guard let reader = EventReader(connector) else {
            return ["the connector has no webhook; add it to `connector` of the file: webhook: { secret: \"…\" }"]
        }
        do throws(EventProblem) {
            var found: [JSONValue] = []
            for (number, event) in try reader.events(in: body, headers: headers, query: query).enumerated() {
                let waiting = WaitingEvent(
                    number: Int64(number),
                    id: event.id,
                    type: event.type,
                    at: clocks.now,
                    bytes: event.bytes
                )
                let (change, syncs) = try reader.effect(of: waiting)
                let key = change.map { Self.json($0.keyText) }
                let effect = DefinitionExample.Effect(
                    stream: change?.target.stream,
                    isDelete: change?.action == .delete,
                    key: key,
                    syncs: syncs.map(\.stream)
                )
                found.append(Self.json(effect))
            }
            if let failure = example.expected.failure {
                return ["the event is read, and should be refused: \(failure)"]
            }
            let wanted = JSONValue.array((example.expected.effects ?? []).map(Self.json))
            return wanted == .array(found) ? [] : ["does: \(JSONValue.array(found).text) instead of \(wanted.text)"]
        } catch {
            return example.expected.failure == nil ? ["the event \(error)"] : []
        }
    }
}
