import Glibc

/// Sends the jobs that a simulation's thread makes to its loop instead of the pool's threads. Threads without a loop
/// notice nothing.
enum GlobalJobs {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        _ = unsafe pthread_key_create(&key, nil)
        return key
    }()

    /// The runtime asks this function about every job for the pool, once it is there.
    private static let isInstalled: Bool = {
        guard let symbol = unsafe dlsym(nil, "swift_task_enqueueGlobal_hook") else { return false }
        unsafe symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
            if let loop = GlobalJobs.loop { loop.add(job) } else { original(job) }
        }
        return true
    }()

    /// The calling thread's loop, which the caller keeps alive.
    static var loop: VirtualLoop? {
        get {
            guard let pointer = unsafe pthread_getspecific(key) else { return nil }
            return unsafe Unmanaged<VirtualLoop>.fromOpaque(pointer).takeUnretainedValue()
        }
        set {
            precondition(isInstalled, "this runtime has no hook for global jobs")
            let pointer = unsafe newValue.map { unsafe UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
            _ = unsafe pthread_setspecific(key, pointer)
        }
    }
}
