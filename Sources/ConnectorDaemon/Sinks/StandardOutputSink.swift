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
    /// A pipe gets the bytes of the source; a terminal gets the same JSON, with escapes for what it would obey.
    private let isTerminal = StandardOutput.isTerminal

    func write(_ lines: [UInt8]) throws(SinkError) {
        let lines = isTerminal ? Self.safe(lines) : lines
        try SinkError.calling { () throws(FileError) in try StandardOutput.write(lines) }
    }

    private static func safe(_ lines: [UInt8]) -> [UInt8] {
        lines.split(separator: UInt8(ascii: "\n")).flatMap {
            Array(String(decoding: $0, as: UTF8.self).escapingControlsInJSON().utf8) + [UInt8(ascii: "\n")]
        }
    }

    func flush() throws(SinkError) -> SinkPosition? { nil }

    func close() {}
}
