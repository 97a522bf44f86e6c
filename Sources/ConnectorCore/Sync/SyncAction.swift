/// What the shell is to do next, in the order given. A fetch runs beside what follows it; everything else is done
/// before the next action begins.
package enum SyncAction: Sendable, Equatable {
    /// Ask for a page, then report `pageArrived` or `fetchFailed`.
    case fetch(PageRequest)
    /// Stop the fetch under way; nothing is reported of it.
    case cancelFetch
    /// Let this much time pass, then report `waited`.
    case wait(Duration)
    /// Hand these records of the page just reported to the sink, then report `written`.
    case write([Delivery])
    /// Hand the deletions to the sink, then report `written`.
    case writeDeletes([DeliveredRecord])
    /// Make what was written durable, then report `flushed` or `failed`. Runs beside fetches and writes.
    case flush
    /// Make the checkpoint durable, then report `committed` or `failed`. Runs beside fetches and writes.
    case commit(Checkpoint)
    /// Report `unseenFound` with remembered records that full walk `generation` did not see.
    case findUnseen(generation: Int64, limit: Int)
    /// Report `unseenCounted` with how many records full walk `generation` did not see, and how many are remembered.
    case countUnseen(generation: Int64)
    /// For the log.
    case note(SyncNote)
    /// The run is over; nothing more may be reported.
    case finish(SyncOutcome)
}

/// A page to ask for: what the request's templates are filled with.
package struct PageRequest: Sendable, Equatable {
    package var position: PagePosition
    package var lower: Int64?
    package var upper: Int64?
    /// In place of the definition's size.
    package var size: Int64?
    /// There may be no such page: an answer that as a whole says no more than "none" is one without records.
    package var mayBeNothing = false

    package init(position: PagePosition, lower: Int64? = nil, upper: Int64? = nil, size: Int64? = nil) {
        self.position = position
        self.lower = lower
        self.upper = upper
        self.size = size
    }
}

/// How a run ended.
package enum SyncOutcome: Sendable, Equatable {
    case succeeded(RunRecord)
    case failed(RunRecord, SyncFailure)
    case interrupted(RunRecord)
}

/// What happened inside a run that a person may want to know.
package enum SyncNote: Sendable, Equatable {
    /// The source differs from its definition, as was not known before.
    case doubt(Doubt)
    /// What was doubted is as it should be again.
    case settled(Doubt.Kind)
    /// A page was empty, repeated or refused, and was there when it was asked for again.
    case blip
    /// The walk began again, and why.
    case restarted(String)
    /// The source changes faster than it is read: the run ends, the next one goes on.
    case stillChanging(passes: Int)
}
