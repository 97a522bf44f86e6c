import CCurl
import ConnectorCore

/// One attempt while libcurl works on it: collects the answer, decides when to stop. Used by the curl thread only.
final class Transfer {
    enum Verdict {
        case goOn
        case stop
    }

    let job: Job
    let easy: EasyHandle
    private var fields: HeaderCollector
    private var body: [UInt8] = []
    private var gzipPeek: GzipPeek?
    /// Why we stopped it ourselves.
    private var refusal: TransportError?
    /// Set right before libcurl sends the first byte of the request.
    private(set) var mayHaveBeenSent = false
    private(set) var lastActivity: ContinuousClock.Instant
    private var bytesMoved = 0
    private let clock: RoundClock

    init(_ job: Job, on easy: EasyHandle, clock: RoundClock, _ memory: FieldMemory) {
        self.job = job
        self.easy = easy
        self.clock = clock
        fields = HeaderCollector(memory)
        lastActivity = clock.now
    }

    /// Idle time counts from the request's first byte on: before, the connect timeout watches, and time spent
    /// waiting for a free connection belongs to the total only.
    var idleDeadline: ContinuousClock.Instant? {
        mayHaveBeenSent ? lastActivity + job.request.limits.idleTimeout : nil
    }

    /// The answer, once libcurl is done.
    func answer(_ failure: CurlFailure?) -> Answer {
        if let refusal { return .failure(refusal) }
        if let failure {
            return .failure(failure.transportError(detail: easy.errorText, sent: mayHaveBeenSent))
        }
        return .success(TransportResponse(status: fields.status, headers: fields.headers, body: body.taken()))
    }

    func stopped(_ code: TransportError.Code, _ message: String) -> Answer {
        .failure(TransportError(code, message, mayHaveBeenSent: mayHaveBeenSent))
    }

    private func refuse(_ code: TransportError.Code, _ message: String) -> Verdict {
        refusal = TransportError(code, message, mayHaveBeenSent: mayHaveBeenSent)
        return .stop
    }
}

// MARK: - What libcurl tells, in order

extension Transfer {
    /// The connection and its TLS session stand; the request comes next.
    ///
    /// Called again when libcurl is about to repeat the request because a reused connection had died. A second copy of
    /// a write must never leave without its owner knowing.
    func connectionIsReady() -> Verdict {
        guard !mayHaveBeenSent || job.request.isSafe else {
            return refuse(.connectionLost, "the server closed a reused connection before it answered")
        }
        mayHaveBeenSent = true
        lastActivity = clock.now
        return .goOn
    }

    func noteHandshake(_ line: UnsafeRawBufferPointer) {
        guard let handshakes = job.handshakes else { return }
        unsafe handshakes.note(String(decoding: line, as: UTF8.self), at: job.target.origin)
    }

    func noteProgress(received: Int, sent: Int) {
        guard received &+ sent != bytesMoved else { return }
        bytesMoved = received &+ sent
        lastActivity = clock.now
    }

    func receive(headerLine: UnsafeRawBufferPointer) -> Verdict {
        lastActivity = clock.now
        return switch unsafe fields.take(headerLine) {
        case .more: .goOn
        case .tooLarge(let what): refuse(.other, "the answer has \(what)")
        case .complete: prepareForBody()
        }
    }

    func peek(at bytes: UnsafeRawBufferPointer) {
        guard gzipPeek?.verdict == .undecided else { return }
        unsafe gzipPeek?.take(bytes)
        guard gzipPeek?.verdict != .undecided else { return }
        easy.isChanged = true
        easy.set(CURLOPT_VERBOSE, false)
        if gzipPeek?.verdict == .plain { easy.set(CURLOPT_HTTP_CONTENT_DECODING, false) }
    }

    func receive(body chunk: UnsafeRawBufferPointer) -> Verdict {
        guard body.count + chunk.count <= limit else { return refuseBody() }
        if !job.decodes, body.isEmpty, fields.headers.isLabelledGzip, unsafe chunk.first == 0x1F {
            return refuse(.badContentEncoding, "the answer is compressed although it was asked for plain")
        }
        guard job.meter?.holds(body.count + chunk.count) ?? true else {
            return refuse(.noRoom, "there is no memory left for an answer of more than \(body.count) bytes")
        }
        if body.count + chunk.count > body.capacity { grow(by: chunk.count) }
        unsafe body.append(contentsOf: chunk)
        return .goOn
    }

    /// In larger steps than an array's own: what is copied stays far below what is held, and pages that are not written
    /// to take no memory.
    private func grow(by count: Int) {
        let wanted = max(Self.firstCapacity, Self.growth * body.capacity, body.count + count)
        body.reserveCapacity(min(wanted, limit) + RecordSlicer.slack)
    }

    private static let firstCapacity = 64 << 10
    private static let growth = 4

    private var limit: Int { job.request.limits.maximumBodyBytes }

    private func prepareForBody() -> Verdict {
        let headers = fields.headers
        if job.decodes, headers.isLabelledGzip {
            gzipPeek = GzipPeek(chunked: headers.isChunked)
            easy.isChanged = true
            easy.set(CURLOPT_VERBOSE, true)
        }
        guard job.request.method != "HEAD", !headers.hasContentCoding, let length = headers.contentLength else {
            return .goOn
        }
        guard length <= limit else { return refuseBody() }
        // The server's word is only taken for memory within the limit.
        // The slicer wants a few bytes behind the end; without them it would copy the page.
        body.reserveCapacity(max(0, length) + RecordSlicer.slack)
        return .goOn
    }

    private func refuseBody() -> Verdict {
        refuse(.bodyTooLarge, "the answer is larger than \(limit) bytes; ask for smaller pages")
    }
}

extension TransportRequest {
    /// RFC 9110 § 9.2.1: asking twice changes nothing.
    var isSafe: Bool { method == "GET" || method == "HEAD" }
}

extension [UInt8] {
    /// Moves the bytes out, so that the next owner is the only one and may change them without a copy.
    fileprivate mutating func taken() -> [UInt8] {
        var other: [UInt8] = []
        swap(&self, &other)
        return other
    }
}
