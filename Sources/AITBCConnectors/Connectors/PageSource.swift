package import ConnectorCore
import Synchronization

/// A page of a list, read as far as that needs no state.
package struct SourcePage: Sendable {
    package let page: Page
    /// Without what is remembered of the records.
    package var heads: PageHeads
    /// What all of it is held in, until the last reference goes; nil where nobody counts.
    package var share: MemoryShare?
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
    /// What its pages are held in; nil where nobody counts.
    private let pages: Pages?

    /// An answer up to this size is kept until it is read, so that an error may quote it.
    private static let quotableBytes = 64 << 10

    /// What an answer is that as a whole says no more than "none".
    private static let blanks = ["null", "{}", "[]"].map { Array($0.utf8) }

    /// `observer` hears when a request waits for its turn in the account's rate limit, or for memory.
    package init(
        _ session: APISession,
        _ stream: StreamDefinition,
        memory: SyncPlan.Memory,
        observer: (any WaitObserver)? = nil
    ) {
        let connector = session.connector
        self.session = session
        self.observer = observer
        pages = session.memory.map(Pages.init)
        builder = RequestBuilder(connector, stream)
        reader = PageReader(stream, memory: memory, errors: connector.errors, targets: connector.streams)
    }

    package func page(_ asked: PageRequest) async throws(SyncFailure) -> SourcePage {
        var request = builder.request(for: asked)
        if case .link = asked.position { request.url = try await session.withCredentials(request.url) }
        var page: SourcePage
        do throws(SyncFailure) {
            page = try await pageByLink(asked, request)
        } catch {
            guard error.status == Self.notModified, let none = noneSince(asked) else { throw error }
            page = none
        }
        if namesLinks, let next = page.heads.facts.next {
            page.heads.facts.next = await session.withoutCredentials(next)
        }
        return page
    }

    /// The usual answer to a bound in `If-Modified-Since` where nothing has changed (RFC 9110 § 15.4.5).
    private static let notModified = 304

    /// Nil where no such bound was asked for. `null` is JSON: slicing it can't fail.
    private func noneSince(_ asked: PageRequest) -> SourcePage? {
        guard asked.lower != nil, asked.position == .first, reader.stream.cursor?.lowerHeaders.isEmpty == false,
            let page = try? RecordSlicer.slice(Array("null".utf8), plan: reader.plan)
        else { return nil }
        return SourcePage(page: page, heads: PageHeads(records: [], facts: PageFacts(count: 0)))
    }

    private var namesLinks: Bool {
        switch reader.stream.paging.style {
        case .link, .linkHeader: true
        case .none, .page, .offset, .afterLast, .token: false
        }
    }

    /// Once more where the link itself bore a token that has ended meanwhile.
    private func pageByLink(
        _ asked: PageRequest,
        _ request: TransportRequest
    ) async throws(SyncFailure) -> SourcePage {
        do throws(SyncFailure) {
            return try await page(asked, request)
        } catch {
            guard error.kind == .credentials, case .link(let link) = asked.position else { throw error }
            let fresh = try await session.withCredentials(link)
            guard fresh != request.url else { throw error }
            var renewed = request
            renewed.url = fresh
            return try await page(asked, renewed)
        }
    }

    private func page(_ asked: PageRequest, _ request: TransportRequest) async throws(SyncFailure) -> SourcePage {
        if let answer = try await accepted(request) {
            return try read(answer, to: request, mayBeNothing: asked.mayBeNothing, isFirst: asked.position == .first)
        }
        // Worth one more try with a new login; the next refusal needs a person.
        let answer = try await answer(to: request)
        if let refusal = refusal(answer, to: request) { throw refusal }
        return try read(answer, to: request, mayBeNothing: asked.mayBeNothing, isFirst: asked.position == .first)
    }

    /// Nil where the answer shows that the session has ended: nothing of it is held any more.
    private func accepted(_ request: TransportRequest) async throws(SyncFailure) -> Answer? {
        let answer = try await answer(to: request)
        guard let refusal = refusal(answer, to: request) else { return answer }
        guard refusal.kind == .credentials, await session.sessionEnded() else { throw refusal }
        return nil
    }

    /// A success, sliced.
    private struct Answer {
        /// Without its body.
        var response: TransportResponse
        var page: Page
        /// Of the body as it came.
        var size: Int64
        var share: MemoryShare?
    }

    private func answer(to request: TransportRequest) async throws(SyncFailure) -> Answer {
        guard let pages else {
            return try sliced(try await session.send(request, observer: observer), of: request, in: nil)
        }
        let share = pages.share()
        do throws(SyncFailure) {
            return try await answer(to: request, in: share, of: pages)
        } catch {
            guard share.isOutgrown else { throw error }
            // Once more, when there is room for whatever it is.
            share.wantEverything()
            return try await answer(to: request, in: share, of: pages)
        }
    }

    private func answer(
        to request: TransportRequest,
        in share: MemoryShare,
        of pages: Pages
    ) async throws(SyncFailure) -> Answer {
        let response = try await session.send(request, observer: observer, share: share)
        let size = response.body.count
        guard await share.has(PageWeight.most(of: size).bytes, observer) else { throw .stopped }
        let answer = try sliced(consume response, of: request, in: share)
        let weight = PageWeight(bytes: size, records: answer.page.recordCount)
        share.settle(at: weight.bytes)
        pages.took(weight)
        return answer
    }

    private func sliced(
        _ response: consuming TransportResponse,
        of request: TransportRequest,
        in share: MemoryShare?
    ) throws(SyncFailure) -> Answer {
        if let part = Self.part(response) {
            throw failure(request, "the server answered with a part of the page (206, Content-Range: \(part))")
        }
        // Handed over, not shared: the slicer compacts in place.
        var body = response.body
        response.body = []
        // Nothing at all is how some servers say "none"; whether it may be is for the request to say.
        if body.allSatisfy(\.isJSONSpace) { body = Array("null".utf8) }
        let size = Int64(body.count)
        let sample = body.count <= Self.quotableBytes ? body : nil
        let most = PageWeight.mostRecords(of: body.count, in: share?.grantedBytes ?? .max)
        do throws(SliceError) {
            let page = try RecordSlicer.slice(consume body, plan: reader.plan, mostRecords: most)
            return Answer(response: response, page: page, size: size, share: share)
        } catch {
            if error.code == .tooManyRecords { share?.isTooSmall() }
            let type = response.headers["Content-Type"] ?? "no content type"
            let shown = quotable(error, sample)
            throw failure(request, "the answer (\(type), status \(response.status)) can't be read: \(shown)")
        }
    }

    /// What a part is called, where the answer is none of a page of records but of its bytes (RFC 9110 § 14.4).
    private static func part(_ response: TransportResponse) -> String? {
        guard response.status == 206, let range = response.headers["Content-Range"] else { return nil }
        return range.lowercased().hasPrefix("bytes") ? range.escapingControls(maximumBytes: 64) : nil
    }

    /// An error, although the status says success.
    private func refusal(_ answer: Answer, to request: TransportRequest) -> SyncFailure? {
        guard reader.isError(answer.page) else { return nil }
        var response = answer.response
        response.body = answer.page.bytes
        return session.failure(inBodyOf: response, request)
    }

    private func read(
        _ answer: Answer,
        to request: TransportRequest,
        mayBeNothing: Bool,
        isFirst: Bool
    ) throws(SyncFailure) -> SourcePage {
        let page = answer.page
        do throws(SliceError) {
            let isBlank = Self.blanks.contains { page.bytes[page.document].elementsEqual($0) }
            let isNothing = isBlank && (mayBeNothing || reader.stream.empty?.nothing ?? false)
            if !isNothing, !saysNone(page) { try page.checkRecords(nullIsEmpty: !isBlank) }
        } catch {
            throw failure(request, "\(quotable(error, page.bytes))", "records")
        }
        let url = URLReference(answer.response.url ?? request.url)
        var facts = reader.facts(page, link: LinkHeader.target(answer.response.headers, relation: "next"), url: url)
        if isFirst, facts.next == nil, let url { facts.unnamedNext = unnamedNext(page, url) }
        do throws(PageProblem) {
            let heads = PageHeads(records: try reader.heads(page), facts: facts, bytes: answer.size)
            return SourcePage(page: page, heads: heads, share: answer.share)
        } catch {
            throw failure(request, "\(error)", error.setting)
        }
    }

    /// A definition may say that a missing member means that there are none. Such an answer is small.
    private func saysNone(_ page: Page) -> Bool {
        guard page.recordsFound == .missing, let rule = reader.stream.empty,
            page.document.count <= Self.quotableBytes
        else { return false }
        do throws(JSONError) {
            return rule.meansNone(try JSONValue(parsing: Array(page.bytes[page.document])), reader.stream)
        } catch {
            // It was sliced: what the stricter reader refuses in it is nothing that a quiet day looks like.
            return false
        }
    }

    /// Larger pages are lists without pages: reading them a second time would cost as much as the first.
    private static let hintedBytes = 1 << 20

    /// Where a list has another page that `paging` does not know of.
    private func unnamedNext(_ page: Page, _ url: URLReference) -> String? {
        guard page.document.count <= Self.hintedBytes, page.recordCount > 0 else { return nil }
        do throws(JSONError) {
            let answer = try JSONValue(parsing: Array(page.bytes[page.document]))
            return PagingHints.unnamedNext(in: answer, reader.stream, from: url)
        } catch {
            // It was sliced: what the stricter reader refuses in it (two names of an object) hints at nothing.
            return nil
        }
    }

    /// An excerpt may hold half a secret, which nobody would recognise and hide: an answer that repeats one, or is too
    /// large to look through, is not quoted.
    private func quotable(_ error: SliceError, _ sample: [UInt8]?) -> SliceError {
        if let sample, !session.repeatsSecret(TransportResponse(status: 200, body: sample)) { return error }
        return SliceError(error.code, offset: error.offset, reason: error.reason, excerpt: "")
    }

    /// `setting` is the member of the stream's definition that does not fit, where that can be said.
    private func failure(_ request: TransportRequest, _ message: String, _ setting: String? = nil) -> SyncFailure {
        let wrong = setting.map { "correct `\($0)` of \(reader.stream.id)" } ?? "the definition does not fit this API"
        return SyncFailure(
            .badAnswer,
            "\(APISession.shown(request)): \(message)",
            hint: "the cursor stays where it was; if it stays so, \(wrong)"
        )
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}

/// What a page holds in memory, in bytes, from its answer until its records are written.
struct PageWeight {
    /// A record's ranges, head, delivery, and what is remembered of it until the next checkpoint: measured with
    /// 250,000 records of ten bytes.
    private static let recordBytes = 640
    /// Records of an API are larger; a page whose records are not waits until it may hold whatever it holds.
    private static let leastRecordBytes = 128
    /// Of small pages any number of records is taken.
    private static let fewRecords = 1_000

    let bytes: Int

    init(bytes: Int, records: Int) {
        self.bytes = bytes + records * Self.recordBytes
    }

    /// Of a page of so many bytes whose records were not counted yet.
    static func most(of bytes: Int) -> PageWeight {
        PageWeight(bytes: bytes, records: min(usualRecords(of: bytes), bytes / 2))
    }

    /// How many records a page of so many bytes may have where it has been granted this much.
    static func mostRecords(of bytes: Int, in granted: Int) -> Int {
        min(SlicePlan.recordsMaximum, max(usualRecords(of: bytes), (granted - bytes) / recordBytes))
    }

    private static func usualRecords(of bytes: Int) -> Int {
        min(SlicePlan.recordsMaximum, max(fewRecords, bytes / leastRecordBytes))
    }
}

/// One run's pages: how much the last one took is what the next one is expected to take.
private final class Pages: Sendable {
    private let memory: PageMemory
    private let lastBytes = Atomic(0)

    init(_ memory: PageMemory) {
        self.memory = memory
    }

    func share() -> MemoryShare {
        let share = memory.share()
        share.expect(lastBytes.load(ordering: .relaxed))
        return share
    }

    func took(_ weight: PageWeight) { lastBytes.store(weight.bytes, ordering: .relaxed) }
}
