import CSystemd

/// How the process gets its memory.
package enum ProcessMemory {
    /// Pages are large and pass from thread to thread: with an arena a thread, glibc keeps several times what is in
    /// use. Blocks of a megabyte and more go back to the system at once: left alone, glibc takes the size of the largest
    /// one that was ever freed for one that will be wanted again. Call it before the first thread starts.
    package static func shareArenas() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        mallopt(M_TRIM_THRESHOLD, 128 << 10)
    }
}
