import CCurl
import ConnectorCore

/// The multi handle: connections, DNS cache and TLS sessions of one engine.
///
/// `@unchecked Sendable`: every method but `wake` is called by the curl thread only. libcurl allows
/// `curl_multi_wakeup` from any thread while the handle lives; `Inbox` calls it under its lock and never after `close`.
@safe final class MultiHandle: @unchecked Sendable {
    private let raw: UnsafeMutableRawPointer

    init(_ configuration: CurlTransport.Configuration) throws(TransportError) {
        guard Self.libraryIsReady, let raw = unsafe curl_multi_init() else {
            throw TransportError(.other, "libcurl could not be initialised", mayHaveBeenSent: false)
        }
        unsafe self.raw = unsafe raw
        set(CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections)
        set(CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost)
        set(CURLMOPT_MAXCONNECTS, configuration.maximumConnections)
    }

    /// Ends the poll under way, or the next one. Any thread.
    func wake() {
        unsafe curl_multi_wakeup(raw)
    }

    func add(_ easy: EasyHandle) -> CurlFailure? {
        let code = unsafe curl_multi_add_handle(raw, easy.raw)
        return code == CURLM_OK ? nil : CurlFailure(code)
    }

    func remove(_ easy: EasyHandle) {
        unsafe curl_multi_remove_handle(raw, easy.raw)
    }

    /// Moves every transfer as far as it goes without waiting.
    func perform() -> CurlFailure? {
        var running: Int32 = 0
        let code = unsafe curl_multi_perform(raw, &running)
        return code == CURLM_OK ? nil : CurlFailure(code)
    }

    /// The next finished transfer: its easy handle and how it went (`nil` = well).
    func nextFinished() -> (handle: EasyHandle.ID, failure: CurlFailure?)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(raw, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
                continue
            }
            let result = unsafe ccurl_message_result(message)
            return unsafe (EasyHandle.ID(easy), result == CURLE_OK ? nil : CurlFailure(result))
        }
        return nil
    }

    /// Waits for a socket, a timer of libcurl, `wake`, or the timeout.
    func poll(milliseconds: Int32) -> CurlFailure? {
        let code = unsafe curl_multi_poll(raw, nil, 0, milliseconds, nil)
        return code == CURLM_OK ? nil : CurlFailure(code)
    }

    /// Closes idle connections and frees the handle; the last call.
    func close() {
        unsafe curl_multi_cleanup(raw)
    }

    private func set(_ option: CURLMoption, _ value: Int) {
        unsafe ccurl_multi_set_long(raw, option, value)
    }

    /// Once a process; never undone, since other libraries may use libcurl too.
    private static let libraryIsReady = curl_global_init(ccurl_global_default()) == CURLE_OK
}
