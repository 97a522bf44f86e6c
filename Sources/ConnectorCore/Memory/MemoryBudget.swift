/// What all pages on their way and in hand may hold together, as a value: who has how much, and who waits.
///
/// A share that finds no room waits; smaller ones that do may pass it. There is one seat beyond the limit, for the oldest
/// that waits: who has it may take what it needs, so that the largest page passes, alone, and nobody waits for ever. A part of the limit is
/// kept for small shares, which ordinary pages are: a few that hold much, for long, don't keep them out.
///
/// What a checkpoint has yet to make durable of a large page that is written stands beside the seat: nobody sits there
/// until it is gone, which waits for no page.
package struct MemoryBudget: Sendable {
    /// A page, by a number of its owner's.
    package typealias ShareID = Int

    /// Up to this size a share is small.
    package static let smallBytes = 2 << 20
    /// The part of the limit that only small shares may use: one in so many.
    private static let reserve = 8
    /// What is asked for by who can't say how much it will be.
    package static let everything = Int.max

    private let limit: Int
    /// Bytes by share.
    private var held: [ShareID: Int] = [:]
    /// Bytes of all shares but those in the seat and beside it; never more than the limit.
    package private(set) var used = 0
    private var seat: ShareID?
    private var besideSeat: ShareID?
    /// Oldest first, with the bytes that each wants to have in all.
    private var waiting: [(share: ShareID, wanted: Int)] = []

    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether the share may have so many bytes in all, now. Otherwise it waits, keeping what it has.
    package mutating func ask(_ share: ShareID, for bytes: Int) -> Bool {
        if grow(share, to: bytes) { return true }
        waiting.append((share, bytes))
        return false
    }

    /// For who does not wait: false where there is no room, and nothing changes.
    package mutating func grow(_ share: ShareID, to bytes: Int, takesSeat: Bool = true) -> Bool {
        let before = held[share] ?? 0
        guard bytes > before, !isBeyond(share) else { return true }
        if fits(share, bytes) {
            used += bytes - before
        } else {
            guard takesSeat, waiting.isEmpty, isSeatFree else { return false }
            takeSeat(share)
        }
        held[share] = bytes
        return true
    }

    /// The share holds no more than this any more. Tells who may go on.
    package mutating func settle(_ share: ShareID, at bytes: Int) -> [ShareID] {
        guard let before = held[share] else { return [] }
        if !isBeyond(share) {
            guard bytes < before else { return [] }
            used += bytes - before
        } else if bytes <= limit, used + bytes <= room(for: bytes) {
            getUp(share)
            used += bytes
        }
        held[share] = bytes
        return admitted()
    }

    /// The page is written, and so much of it waits to become durable. Tells who may go on.
    package mutating func putAside(_ share: ShareID, at bytes: Int) -> [ShareID] {
        let admitted = settle(share, at: bytes)
        if seat == share { (seat, besideSeat) = (nil, share) }
        return admitted
    }

    /// The share is gone, whether it held something or waited. Tells who may go on.
    package mutating func release(_ share: ShareID) -> [ShareID] {
        waiting.removeAll { $0.share == share }
        if isBeyond(share) { getUp(share) } else { used -= held[share] ?? 0 }
        held[share] = nil
        return admitted()
    }

    private func isBeyond(_ share: ShareID) -> Bool { seat == share || besideSeat == share }

    private mutating func getUp(_ share: ShareID) {
        if seat == share { seat = nil } else { besideSeat = nil }
    }

    /// Of a share within the limit.
    private func fits(_ share: ShareID, _ bytes: Int) -> Bool {
        bytes <= limit && used - (held[share] ?? 0) + bytes <= room(for: bytes)
    }

    private func room(for bytes: Int) -> Int {
        bytes <= Self.smallBytes ? limit : limit - limit / Self.reserve
    }

    private var isSeatFree: Bool { seat == nil && besideSeat == nil }

    private mutating func takeSeat(_ share: ShareID) {
        used -= held[share] ?? 0
        seat = share
    }

    private mutating func admitted() -> [ShareID] {
        var admitted: [ShareID] = []
        var rest: [(share: ShareID, wanted: Int)] = []
        for (share, wanted) in waiting {
            let before = held[share] ?? 0
            if fits(share, wanted) {
                used += wanted - before
            } else if isSeatFree {
                takeSeat(share)
            } else {
                rest.append((share, wanted))
                continue
            }
            held[share] = max(wanted, before)
            admitted.append(share)
        }
        waiting = rest
        return admitted
    }
}
