import CCurl

/// What libcurl calls, on the curl thread. Integers become cases of `Transfer.Verdict` and back right here.
enum Callbacks {
    static let header: curl_write_callback = { bytes, size, count, context in
        guard let transfer = unsafe transfer(context), let bytes = unsafe bytes else { return 0 }
        let length = size * count
        let line = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
        return unsafe transfer.receive(headerLine: line) == .goOn ? length : refused
    }

    static let body: curl_write_callback = { bytes, size, count, context in
        guard let transfer = unsafe transfer(context) else { return 0 }
        let length = size * count
        let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
        return unsafe transfer.receive(body: chunk) == .goOn ? length : refused
    }

    static let progress: curl_xferinfo_callback = { context, _, received, _, sent in
        unsafe transfer(context)?.noteProgress(received: Int(received), sent: Int(sent))
        return 0
    }

    static let prerequest: curl_prereq_callback = { context, _, _, _, _ in
        guard let transfer = unsafe transfer(context) else { return CURL_PREREQFUNC_ABORT }
        return transfer.connectionIsReady() == .goOn ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    /// Only on for answers labelled gzip, see `GzipPeek`, and where handshakes are noted.
    static let debug: curl_debug_callback = { _, kind, bytes, count, context in
        guard let transfer = unsafe transfer(context) else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
        switch kind {
        case CURLINFO_DATA_IN: unsafe transfer.peek(at: bytes)
        case CURLINFO_TEXT: unsafe transfer.noteHandshake(bytes)
        default: break
        }
        return 0
    }

    /// Any number but the length stops the transfer; 0 could be the length itself.
    private static let refused = Int.max

    private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}
