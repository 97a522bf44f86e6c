import Glibc

/// A child process of a test, ended by its id.
struct Program: Sendable {
    let pid: pid_t

    /// Looks the program up in the usual places.
    init(_ name: String, _ arguments: [String]) throws {
        guard let path = Self.find(name) else { throw SetupError(what: "\(name) is not installed") }
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        for descriptor in [0, 1, 2] as [Int32] {
            unsafe posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, path, &files, nil, &words, environ)
        guard code == 0 else { throw SetupError(what: "\(name) did not start (error \(code))") }
        self.pid = pid
    }

    /// The exit status of a program that ends by itself.
    func wait() -> Int32 {
        var status: Int32 = 0
        unsafe waitpid(pid, &status, 0)
        return status
    }

    /// Not SIGTERM: children inherit the signal mask of Dispatch's threads, which block it.
    func end() {
        kill(pid, SIGKILL)
        _ = wait()
    }

    static func find(_ name: String) -> String? {
        ["/usr/bin/", "/usr/sbin/", "/bin/", "/usr/local/bin/"].map { $0 + name }
            .first { unsafe access($0, X_OK) == 0 }
    }

    static func run(_ name: String, _ arguments: [String]) throws {
        let status = try Program(name, arguments).wait()
        guard status == 0 else { throw SetupError(what: "\(name) failed with status \(status)") }
    }
}

/// A folder that lives as long as one test.
struct TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/curl-transport-XXXXXX".utf8CString)
        guard let path = unsafe mkdtemp(&template) else { throw SetupError(what: "no temporary folder") }
        self.path = unsafe String(cString: path)
    }

    func write(_ name: String, _ text: String) throws {
        let descriptor = unsafe open("\(path)/\(name)", O_CREAT | O_WRONLY | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw SetupError(what: "no file \(name)") }
        defer { close(descriptor) }
        let count = unsafe text.utf8CString.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count - 1)
        }
        guard count == text.utf8.count else { throw SetupError(what: "short write of \(name)") }
    }

    func remove() throws {
        try Program.run("rm", ["-rf", path])
    }
}
