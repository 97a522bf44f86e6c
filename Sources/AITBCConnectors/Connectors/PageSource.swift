package import ConnectorCore

/// A page of a list, read as far as that needs no state.
package struct SourcePage: Sendable {
    package let page: Page
    /// Without what is remembered of the records.
    package var heads: PageHeads
}

/// Where a list's pages come from: each is asked for, sliced and read beside whatever the caller does with the page
/// before.
///
/// One call is one attempt at one page. Whether it is made again, when, and what follows is decided by who asks.
/// Cancelling the calling task stops it.
package struct PageSource: Sendable {
    package let reader: PageReader
    private let session: APISession
    private let builder: RequestBuilder
    private let observer: (any WaitObserver)?

    /// An answer up to this size is kept until it is read, so that an error may quote it.
    private static let quotableBytes = 64 << 10

    /// What an answer is that as a whole says no more than "none".
    private static let blanks = ["null", "{}", "[]"].map { Array($0.utf8) }

    /// `observer` hears when a request waits for its turn in the account's rate limit.
    package init(
        _ session: APISession,
        _ stream: StreamDefinition,
        memory: SyncPlan.Memory,
        observer: (any WaitObserver)? = nil
    ) {
        let connector = session.connector
        self.session = session
        self.observer = observer
        builder = RequestBuilder(connector, stream)
        reader = PageReader(stream, memory: memory, errors: connector.errors, targets: connector.streams)
    }

    package func page(_ asked: PageRequest) async throws(SyncFailure) -> SourcePage {
        let request = builder.request(for: asked)
        var answer = try await answer(to: request)
        if let refusal = refusal(answer, to: request) {
            guard refusal.kind == .credentials, await session.sessionEnded() else { throw refusal }
            // Worth one more try with a new login; the next refusal needs a person.
            answer = try await self.answer(to: request)
            if let refusal = self.refusal(answer, to: request) { throw refusal }
        }
        return try read(answer, to: request, mayBeNothing: asked.mayBeNothing)
    }

    /// A success, sliced.
    private struct Answer {
        /// Without its body.
        var response: HTTPResponse
        var page: Page
        /// Of the body as it came.
        var size: Int64
    }

    private func answer(to request: HTTPRequest) async throws(SyncFailure) -> Answer {
        var response = try await session.send(request, observer: observer)
        // Handed over, not shared: the slicer compacts in place.
        var body = response.body
        response.body = []
        // Nothing at all is how some servers say "none"; whether it may be is for the request to say.
        if body.allSatisfy(\.isJSONSpace) { body = Array("null".utf8) }
        let size = Int64(body.count)
        let sample = body.count <= Self.quotableBytes ? body : nil
        do throws(SliceError) {
            return Answer(response: response, page: try RecordSlicer.slice(consume body, plan: reader.plan), size: size)
        } catch {
            let type = response.headers["Content-Type"] ?? "no content type"
            let shown = quotable(error, sample)
            throw failure(request, "the answer (\(type), status \(response.status)) can't be read: \(shown)")
        }
    }

    /// An error, although the status says success.
    private func refusal(_ answer: Answer, to request: HTTPRequest) -> SyncFailure? {
        guard reader.isError(answer.page) else { return nil }
        var response = answer.response
        response.body = answer.page.bytes
        return session.failure(inBodyOf: response, request)
    }

    private func read(
        _ answer: Answer,
        to request: HTTPRequest,
        mayBeNothing: Bool
    ) throws(SyncFailure) -> SourcePage {
        let page = answer.page
        do throws(SliceError) {
            let isBlank = Self.blanks.contains { page.bytes[page.document].elementsEqual($0) }
            if !isBlank || !mayBeNothing { try page.checkRecords(nullIsEmpty: !isBlank) }
        } catch {
            throw failure(request, "\(quotable(error, page.bytes))")
        }
        let facts = reader.facts(
            page,
            link: LinkHeader.target(answer.response.headers, relation: "next"),
            url: URLReference(answer.response.url ?? request.url)
        )
        do throws(PageProblem) {
            let heads = PageHeads(records: try reader.heads(page), facts: facts, bytes: answer.size)
            return SourcePage(page: page, heads: heads)
        } catch {
            throw failure(request, "\(error)")
        }
    }

    /// An excerpt may hold half a secret, which nobody would recognise and hide: an answer that repeats one, or is too
    /// large to look through, is not quoted.
    private func quotable(_ error: SliceError, _ sample: [UInt8]?) -> SliceError {
        if let sample, !session.repeatsSecret(HTTPResponse(status: 200, body: sample)) { return error }
        return SliceError(error.code, offset: error.offset, reason: error.reason, excerpt: "")
    }

    private func failure(_ request: HTTPRequest, _ message: String) -> SyncFailure {
        SyncFailure(
            .badAnswer,
            "\(session.shown(request)): \(message)",
            hint: "the cursor stays where it was; if it stays so, the definition does not fit this API"
        )
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}
