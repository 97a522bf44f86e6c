import AITBCConnectors
import ConnectorCore

/// A page as it comes out of a fetch: already sliced, beside the connector's queue, while that writes the page before.
struct FetchedPage: Sendable {
    var status: Int
    var headers: HTTPHeaders
    /// Where it came from, behind redirects.
    var url: URLReference?
    var page: Page
    /// Of the body as it came.
    var size: Int64

    /// An answer up to this size is kept until it is read, so that an error may quote it.
    private static let quotableBytes = 64 << 10

    static func fetch(
        _ request: HTTPRequest,
        _ session: APISession,
        _ plan: SlicePlan,
        _ observer: any WaitObserver
    ) async throws(SyncFailure) -> FetchedPage {
        var response = try await session.send(request, observer: observer)
        // Handed over, not shared: the slicer compacts in place.
        var body = response.body
        response.body = []
        // Nothing at all is how some servers say "none"; whether it may be is decided where the place is known.
        if body.allSatisfy(\.isJSONSpace) { body = Array("null".utf8) }
        let size = Int64(body.count)
        let sample = body.count <= quotableBytes ? body : nil
        do throws(SliceError) {
            let page = try RecordSlicer.slice(consume body, plan: plan)
            return FetchedPage(
                status: response.status,
                headers: response.headers,
                url: URLReference(response.url ?? request.url),
                page: page,
                size: size
            )
        } catch {
            let type = response.headers["Content-Type"] ?? "no content type"
            throw failure(
                request,
                "the answer (\(type), status \(response.status)) can't be read: \(quotable(error, sample, session))"
            )
        }
    }

    /// Whether the answer as a whole says no more than "none".
    var isBlank: Bool { ["null", "{}", "[]"].contains { page.bytes.elementsEqual($0.utf8) } }

    /// An excerpt may hold half a secret, which nobody would recognise and hide: an answer that repeats one, or is too
    /// large to look through, is not quoted.
    static func quotable(_ error: SliceError, _ sample: [UInt8]?, _ session: APISession) -> SliceError {
        if let sample, !session.repeatsSecret(HTTPResponse(status: 200, body: sample)) { return error }
        return SliceError(error.code, offset: error.offset, reason: error.reason, excerpt: "")
    }

    static func failure(_ request: HTTPRequest?, _ message: String) -> SyncFailure {
        SyncFailure(
            .badAnswer,
            "\(request.map(APISession.shown) ?? ""): \(message)",
            hint: "the cursor stays where it was; if it stays so, the definition does not fit this API"
        )
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}
