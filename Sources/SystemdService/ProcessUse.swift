package import ConnectorCore
import Glibc

extension ProcessFigures {
    /// Of this process, now. Figures that the system does not tell are 0.
    package static func now() -> ProcessFigures {
        var usage = rusage()
        let isKnown = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
        let cpu = isKnown ? seconds(usage.ru_utime) + seconds(usage.ru_stime) : 0
        return ProcessFigures(cpuSeconds: cpu, residentBytes: residentBytes(), openDescriptors: openDescriptors())
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The second number of `/proc/self/statm`, in pages (proc(5)).
    private static func residentBytes() -> Int64 {
        guard let file = unsafe fopen("/proc/self/statm", "re") else { return 0 }
        defer { unsafe fclose(file) }
        var line = [UInt8](repeating: 0, count: 128)
        let count = unsafe line.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
        let words = String(decoding: line.prefix(count), as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int64(words[1]) ?? 0 : 0) * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openDescriptors() -> Int64 {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { _ = unsafe closedir(directory) }
        // Without ".", ".." and the directory's own.
        var count: Int64 = -3
        while unsafe readdir(directory) != nil { count += 1 }
        return max(0, count)
    }
}
