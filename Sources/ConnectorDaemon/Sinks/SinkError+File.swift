import ConnectorCore
import FileSystem

extension SinkError {
    /// A call into the file system that failed.
    init(_ error: FileError) {
        let records = "the records wait at the source meanwhile"
        self.init(error.description, hint: error.remedy.map { "\($0); \(records)" } ?? records)
    }

    /// Runs calls into the file system, whose failures are the sink's.
    static func calling<Result>(_ body: () throws(FileError) -> Result) throws(SinkError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw SinkError(error)
        }
    }
}
