import Dispatch
import Glibc

@main
enum SandboxProgram {
    /// EX_USAGE and EX_UNAVAILABLE of sysexits.h.
    private static let usageStatus: Int32 = 64
    private static let unavailableStatus: Int32 = 69

    static func main() async {
        // Before any thread exists, so that none of them takes the signals.
        signal(SIGTERM, SIG_IGN)
        signal(SIGINT, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return write(SandboxArguments.usage, to: STDOUT_FILENO) }
        do {
            let arguments = try SandboxArguments(words)
            let sandbox = try Sandbox(arguments)
            write(sandbox.announcement + "\n", to: STDOUT_FILENO)
            if !arguments.quiet {
                write("connector-sandbox is ready; API key \(arguments.apiKey)\n", to: STDERR_FILENO)
            }
            await untilToldToEnd(arguments)
            await sandbox.stop()
        } catch let mistake as SandboxArguments.Mistake {
            write("connector-sandbox: \(mistake.message)\n\(SandboxArguments.usage)", to: STDERR_FILENO)
            exit(usageStatus)
        } catch {
            write("connector-sandbox: \(error)\n", to: STDERR_FILENO)
            exit(unavailableStatus)
        }
    }

    private static func untilToldToEnd(_ arguments: SandboxArguments) async {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGTERM, SIGINT].map { DispatchSource.makeSignalSource(signal: $0) }
        for source in sources {
            source.setEventHandler { continuation.yield() }
            source.resume()
        }
        if arguments.endsWithInput {
            DispatchQueue(label: "standard-input").async {
                var buffer = [UInt8](repeating: 0, count: 4096)
                while unsafe read(STDIN_FILENO, &buffer, buffer.count) > 0 {}
                continuation.yield()
            }
        }
        for await _ in ends { break }
        for source in sources { source.cancel() }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
