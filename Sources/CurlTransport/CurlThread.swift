import ConnectorCore
import Glibc

/// The one place that knows about POSIX threads.
enum CurlThread {
    /// Runs `body` on a thread of its own, which ends when `body` returns. Nobody joins it.
    ///
    /// All signals are blocked there: they belong to the threads of the daemon that wait for them, and OpenSSL may
    /// write to a socket the peer has closed, which must not raise SIGPIPE.
    static func start(_ body: @escaping @Sendable () -> Void) throws(TransportError) {
        let box = unsafe Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, entry, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            throw TransportError(.other, "the HTTP thread could not be started (error \(code))", mayHaveBeenSent: false)
        }
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    private static let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument = unsafe argument else { return nil }
        blockSignals()
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
    }

    private static func blockSignals() {
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, nil)
    }
}
