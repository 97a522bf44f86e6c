package import ConnectorCore
import Dispatch
import FileSystem
import Synchronization

/// JSON Lines in `DIRECTORY/CONNECTOR/STREAM/00000001.jsonl`, a new file after `rotateBytes`.
///
/// Exactly once: the committed length is part of the checkpoint, and what lies beyond it is cut off when the stream is
/// opened. Readers may move or delete finished files; one that lacks the current file gets a new one. A state that is
/// older than the files, such as a backup that was put back, cuts nothing off: see `DeliveryMark`.
package struct FileSink: Sink {
    /// A file that any tool still opens quickly.
    package static let defaultRotateBytes: Int64 = 256 << 20

    package let identity: SinkIdentity
    private let directory: String
    private let claim: Claim
    private let rotateBytes: Int64
    /// `fdatasync` blocks; it must not hold up an actor.
    private let syncQueue = DispatchQueue(label: "file-sink.sync", attributes: .concurrent)

    /// A directory within `home`, where the state is, moves with it and stays the same sink.
    package init(directory: String, home: String? = nil, rotateBytes: Int64 = FileSink.defaultRotateBytes) {
        self.directory = directory
        identity = Self.identity(Files.resolved(directory), home.map(Files.resolved))
        claim = Claim(directory)
        self.rotateBytes = rotateBytes
    }

    package func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        try claim.make()
        let parent = "\(directory)/\(stream.connector)"
        let folder = "\(parent)/\(stream.stream)"
        for place in [parent, folder] where Files.isLink(place) {
            throw SinkError(
                "\(place) is a symbolic link, and none is followed in the data directory",
                hint: "mount the other disk there, or name it as data_directory in connectord.json5"
            )
        }
        return try FileSinkWriter(folder: folder, position: position, rotateBytes: rotateBytes, syncQueue: syncQueue)
    }
}

extension FileSink {
    private static func identity(_ directory: String, _ home: String?) -> SinkIdentity {
        guard let home, directory.hasPrefix("\(home)/") else { return SinkIdentity("file:\(directory)") }
        return SinkIdentity("file:.\(directory.dropFirst(home.count))")
    }

    /// Keeps a second process out of a data directory, from the first stream to the sink's end: each would cut off what
    /// the other wrote. A service that writes no files claims none.
    private final class Claim: Sendable {
        private let directory: String
        private let lock = Mutex<FileLock?>(nil)

        init(_ directory: String) {
            self.directory = directory
        }

        func make() throws(SinkError) {
            try lock.withLock { (lock) throws(SinkError) in
                guard lock == nil else { return }
                // No connector's name begins like that.
                let attempt = try SinkError.calling { () throws(FileError) in
                    try Files.makeDirectory(directory)
                    return try FileLock.take("\(directory)/.lock")
                }
                switch attempt {
                case .taken(let taken): lock = taken
                case .held(let holder):
                    throw SinkError(
                        "the data directory \(directory) is in use by process \(holder)",
                        hint:
                            "two services that write one data directory would cut off each other's records: stop that "
                            + "one, or give this one its own data_directory in connectord.json5"
                    )
                }
            }
        }
    }
}

/// The file that a position names, how much of it counts, and the how manieth acknowledgement into the folder it is.
package struct FilePosition: Sendable, Equatable {
    package var number: Int
    package var length: Int64
    /// 0 for a position of before they were counted.
    package var count: Int64

    package init(number: Int, length: Int64, count: Int64 = 0) {
        self.number = number
        self.length = length
        self.count = count
    }

    package init?(_ position: SinkPosition) {
        let parts = position.text.split(separator: ":")
        guard (2...3).contains(parts.count), let number = Int(parts[0]), let length = Int64(parts[1]), length >= 0,
            (1...Self.maximumNumber).contains(number), let count = parts.count == 3 ? Int64(parts[2]) : 0,
            (0..<Self.maximumCount).contains(count)
        else { return nil }
        self.init(number: number, length: length, count: count)
    }

    package var sinkPosition: SinkPosition { SinkPosition("\(name):\(length):\(count)") }

    private var name: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    package var fileName: String { name + ".jsonl" }

    /// Beyond this no file is ours: at a file a second it lasts thirty years.
    static let maximumNumber = 999_999_999
    /// A million a second would take three hundred years to get there.
    static let maximumCount: Int64 = 10_000_000_000_000_000

    /// Of a file of ours; nil for any other name.
    static func number(of name: String) -> Int? {
        guard name.hasSuffix(".jsonl"), let number = Int(name.dropLast(6)), (1...maximumNumber).contains(number),
            FilePosition(number: number, length: 0).fileName == name
        else { return nil }
        return number
    }
}
