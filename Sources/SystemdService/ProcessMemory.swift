import CSystemd

/// How the process gets its memory.
package enum ProcessMemory {
    /// Pages are large and pass from thread to thread: with an arena a thread, glibc keeps several times what is in
    /// use. Call it before the first thread starts.
    package static func shareArenas() {
        mallopt(M_ARENA_MAX, 2)
    }
}
