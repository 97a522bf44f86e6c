import CCurl
import ConnectorCore

/// One easy handle with its error buffer. Used by the curl thread only.
@safe final class EasyHandle {
    /// What identifies the handle in libcurl's messages.
    struct ID: Hashable {
        private let address: UInt

        init(_ raw: UnsafeMutableRawPointer) {
            address = UInt(bitPattern: raw)
        }
    }

    let raw: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    /// What libcurl points to.
    private var headers: HeaderList?
    /// What it was set up for, and is still: nil for a handle as libcurl makes it.
    private var profile: Profile?
    /// Options of its profile were changed during a transfer.
    var isChanged = false
    private var hasBody = false
    /// The first setter that failed (out of memory, or an option this libcurl was built without).
    private(set) var failure: CurlFailure?

    init?() {
        guard let raw = unsafe curl_easy_init() else { return nil }
        unsafe self.raw = unsafe raw
        unsafe errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(raw)
        unsafe errorBuffer.deallocate()
    }

    var id: ID { unsafe ID(raw) }

    /// Forgets the request; what the next one most likely has in common with it stays set.
    func clear() {
        failure = nil
        unsafe errorBuffer.pointee = 0
        if hasBody {
            unsafe note(ccurl_set_string(raw, CURLOPT_COPYPOSTFIELDS, nil))
            hasBody = false
        }
    }

    /// Sets up what all requests of a profile have in common, unless it is so already; buffers and caches stay, which is
    /// why handles are reused.
    func adopt(_ job: Job, _ setUp: (Profile) -> Void) {
        guard isChanged || profile?.fits(job) != true else { return }
        let next = Profile(job)
        unsafe curl_easy_reset(raw)
        unsafe note(ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorBuffer))
        setUp(next)
        (profile, isChanged) = (next, false)
    }

    /// What libcurl wrote about the last failure; empty when it wrote nothing.
    var errorText: String {
        unsafe String(cString: errorBuffer)
    }

    func set(_ option: CURLoption, _ value: Int) {
        unsafe note(ccurl_set_long(raw, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) {
        set(option, value ? 1 : 0)
    }

    /// libcurl copies the string.
    func set(_ option: CURLoption, _ value: String?) {
        guard let value else { return }
        unsafe note(value.withCString { unsafe ccurl_set_string(raw, option, $0) })
    }

    /// libcurl copies the bytes, so that nothing has to be pinned while the request is on its way.
    func setBody(_ body: [UInt8]) {
        hasBody = true
        unsafe note(ccurl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        unsafe note(
            body.withUnsafeBytes { bytes in
                // An empty array may have no address, and a null body would mean "read it from a callback".
                guard let base = bytes.baseAddress, !body.isEmpty else {
                    return unsafe ccurl_set_string(raw, CURLOPT_COPYPOSTFIELDS, "")
                }
                return unsafe ccurl_set_string(raw, CURLOPT_COPYPOSTFIELDS, base.assumingMemoryBound(to: CChar.self))
            }
        )
    }

    /// Nil: there was no memory for them.
    func setHeaders(_ list: HeaderList?) {
        guard let list else { return note(CURLE_OUT_OF_MEMORY) }
        unsafe note(ccurl_set_list(raw, CURLOPT_HTTPHEADER, list.raw))
        headers = list
    }

    func setCallbacks() {
        unsafe note(ccurl_set_write_callback(raw, CURLOPT_WRITEFUNCTION, Callbacks.body))
        unsafe note(ccurl_set_write_callback(raw, CURLOPT_HEADERFUNCTION, Callbacks.header))
        unsafe note(ccurl_set_progress_callback(raw, Callbacks.progress))
        unsafe note(ccurl_set_prerequest_callback(raw, Callbacks.prerequest))
        unsafe note(ccurl_set_debug_callback(raw, Callbacks.debug))
    }

    /// The callbacks get `transfer` unretained: its owner keeps it until the handle has left the multi handle.
    func setOwner(_ transfer: Transfer) {
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        for option in [
            CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_PREREQDATA, CURLOPT_DEBUGDATA,
        ] { unsafe note(ccurl_set_pointer(raw, option, context)) }
    }

    func unset(_ option: CURLoption) {
        unsafe note(ccurl_set_string(raw, option, nil))
    }

    private func note(_ code: CURLcode) {
        if code != CURLE_OK, failure == nil { failure = CurlFailure(code) }
    }
}
