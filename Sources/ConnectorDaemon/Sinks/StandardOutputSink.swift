package import ConnectorCore
import FileSystem

/// Lines on standard output, for trials and pipes. Without positions: nothing is known of what the reader kept.
package struct StandardOutputSink: Sink {
    private let output = LineWriter()

    package init() {}

    package var identity: SinkIdentity { SinkIdentity("stdout") }

    package func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        output
    }
}

/// One writer for all streams, so that lines of two never mix.
private actor LineWriter: SinkWriter {
    func write(_ lines: [UInt8]) throws(SinkError) {
        try SinkError.calling { () throws(FileError) in try StandardOutput.write(lines) }
    }

    func flush() throws(SinkError) -> SinkPosition? { nil }

    func close() {}
}
