import CMicroHTTPD
import ConnectorCore
import Synchronization

/// An answer in the library's form. It counts references itself: ours is given back at the end of this value's life.
@safe struct OutgoingResponse: ~Copyable {
    let pointer: OpaquePointer

    /// Fields that the library writes itself, because it must get them right.
    private static let ownedFields = ["Content-Length", "Transfer-Encoding"]
    /// What the library asks for at a time: a few socket buffers.
    private static let blockBytes = 64 << 10

    /// Nil when the library is out of memory.
    init?(_ response: ListenerResponse, exchange: ServedRequest, connection: LibraryConnection, stallTime: Duration) {
        let created =
            switch response.delivery {
            case .whole: unsafe Self.whole(response.body)
            default: unsafe Self.paced(BodySource(response, exchange, connection, stallTime))
            }
        guard let created = unsafe created else { return nil }
        unsafe pointer = unsafe created
        for field in response.headers.fields where !Self.ownedFields.contains(where: field.name.equalsIgnoringASCIICase)
        {
            // A field that HTTP does not allow is refused by the library and left out.
            _ = unsafe MHD_add_response_header(created, field.name, field.value)
        }
    }

    deinit {
        unsafe MHD_destroy_response(pointer)
    }

    private static func whole(_ body: [UInt8]) -> OpaquePointer? {
        unsafe body.withUnsafeBytes { bytes in
            // The library copies the bytes; with none of them it accepts no address either.
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return unsafe MHD_create_response_from_buffer(bytes.count, start, .RESPMEM_MUST_COPY)
        }
    }

    private static func paced(_ source: BodySource) -> OpaquePointer? {
        let context = unsafe Unmanaged.passRetained(source)
        let created = unsafe MHD_create_response_from_callback(
            UInt64(source.body.count),
            blockBytes,
            { context, position, buffer, capacity in
                guard let context = unsafe context, let buffer = unsafe buffer else { return cmhd_end_with_error }
                let source = unsafe Unmanaged<BodySource>.fromOpaque(context).takeUnretainedValue()
                let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
                return unsafe source.read(at: Int(position), into: room)
            },
            context.toOpaque(),
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<BodySource>.fromOpaque(context).release()
            }
        )
        if unsafe created == nil { unsafe context.release() }
        return unsafe created
    }
}

/// Where the library reads a paced body from, on its own thread.
private final class BodySource: Sendable {
    let body: [UInt8]
    private let exchange: ServedRequest
    private let connection: LibraryConnection
    private let resets: Bool
    private let pacing: Mutex<BodyPacing>

    init(
        _ response: ListenerResponse,
        _ exchange: ServedRequest,
        _ connection: LibraryConnection,
        _ stallTime: Duration
    ) {
        body = response.body
        self.exchange = exchange
        self.connection = connection
        pacing = Mutex(BodyPacing(delivery: response.delivery, stallTime: stallTime))
        if case .reset = response.delivery { resets = true } else { resets = false }
    }

    /// The number of bytes copied, 0 when the connection was suspended, or the library's code for "close it".
    func read(at position: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        switch pacing.withLock({ $0.step(at: position) }) {
        case .send(let end):
            let piece = body[position..<min(body.count, end, position + room.count)]
            unsafe room.copyBytes(from: piece)
            return piece.count
        case .pause(let duration):
            return exchange.pause(duration, on: connection) ? 0 : cmhd_end_with_error
        case .fail:
            if resets { connection.reset() }
            return cmhd_end_with_error
        }
    }
}
