import ConnectorCore

/// The state of the service, whoever keeps it.
protocol StateKeeper: CheckpointStore, DeadLetterStore, EventInbox {
    /// Where it was made just now: the damaged ones that were set aside before, by file name.
    var beganBeside: [String] { get }
    /// Returns once the one writer has answered.
    func ping() async
    /// What of it is not as it was written; nothing where all is well.
    func damages() async throws(StateError) -> [String]
    func close() async
}

/// What sends requests, whoever drives it.
protocol HTTPEngine: HTTPTransport {
    /// Whether it answers within a few seconds.
    func answers() async -> Bool
    /// The version of TLS that was last agreed on with a URL's server; nil without TLS, or where nobody notes it.
    func agreedTLS(at url: String) -> String?
    /// Ends what is under way.
    func shutdown() async
}
