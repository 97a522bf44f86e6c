import ConnectorCore

/// One entry of a list, whatever it holds.
struct ListEntry: Equatable {
    var id: Int
    var stamp: Int64
    var record: SourceRecord
    var event: SourceEvent?
}

/// What the source answers.
struct SourceAnswer {
    var entries: [ListEntry] = []
    var more: Bool?
    var next: String?
    var losesPosition = false
}

/// The source's side of paging: a list is computed anew for every request, as servers do.
struct SourcePages {
    let plan: SyncPlan
    let traits: SourceTraits

    func answer(_ request: PageRequest, _ source: SimulatedSource) -> SourceAnswer {
        let list = list(request, source)
        guard let start = start(of: request.position, in: list) else { return SourceAnswer(losesPosition: true) }
        let isWhole = plan.paging.style == .none
        let size = request.size.map { min(Int($0), traits.pageSize) } ?? traits.pageSize
        let end = isWhole ? list.count : min(start + size, list.count)
        let entries = start < end ? Array(list[start..<end]) : []
        let isLast = end >= list.count
        var answer = SourceAnswer(entries: entries, more: plan.paging.more == nil ? nil : !isLast)
        if !isLast || (traits.promisesTooMuch && !entries.isEmpty) { answer.next = next(after: entries.last, at: end) }
        return answer
    }

    /// The list that the filters leave, in the order that the source gives it.
    private func list(_ request: PageRequest, _ source: SimulatedSource) -> [ListEntry] {
        var entries: [ListEntry]
        if plan.isFeed {
            entries = source.events.map { ListEntry(id: $0.number, stamp: $0.stamp, record: $0.record, event: $0) }
        } else {
            entries = source.records.values.map { ListEntry(id: $0.id, stamp: $0.stamp, record: $0) }
        }
        let step = plan.cursor?.granularity ?? 1
        if let lower = request.lower {
            let bound = lower.flooredQuotient(by: step) * step
            entries.removeAll { $0.stamp < bound }
        }
        if let upper = request.upper {
            let bound = upper.flooredQuotient(by: step) * step
            entries.removeAll { $0.stamp >= bound }
        }
        return entries.sorted(by: comesBefore)
    }

    private func comesBefore(_ left: ListEntry, _ right: ListEntry) -> Bool {
        place(left.stamp, left.id) < place(right.stamp, right.id)
    }

    /// What the list is sorted by.
    private func place(_ stamp: Int64, _ id: Int) -> (Int64, Int) {
        switch plan.cursor?.order {
        case .ascending: (stamp, id)
        case .descending: (-stamp, -id)
        case Optional.none, .some(.none): (0, id)
        }
    }

    /// Nil where the server does not know the position any more.
    private func start(of position: PagePosition, in list: [ListEntry]) -> Int? {
        switch position {
        case .first: 0
        // There is nothing before the first page.
        case .page(let number):
            number < plan.paging.first ? list.count : Int(number - plan.paging.first) * traits.pageSize
        case .offset(let number): Int(number)
        case .after(let text): start(afterID: Int(text) ?? 0, in: list)
        case .token(let text): start(atMark: text, in: list)
        case .link(let text): start(atMark: String(text.split(separator: "=").last ?? ""), in: list)
        }
    }

    private func start(afterID id: Int, in list: [ListEntry]) -> Int? {
        if let index = list.firstIndex(where: { $0.id == id }) { return index + 1 }
        switch traits.lostAnchor {
        case .error: return nil
        case .startsOver: return 0
        case .keepsPlace:
            // Only a list that is sorted by nothing but its key can do that.
            guard plan.cursor == nil || plan.cursor?.order == CursorRule.Order.none else { return nil }
            return list.firstIndex { $0.id > id } ?? list.count
        }
    }

    private func next(after last: ListEntry?, at end: Int) -> String? {
        guard let last else { return nil }
        let mark = traits.countsPositions ? "c.\(end)" : "k.\(last.stamp).\(last.id)"
        return plan.paging.style == .token ? mark : "/list?from=\(mark)"
    }

    private func start(atMark mark: String, in list: [ListEntry]) -> Int? {
        let parts = mark.split(separator: ".")
        if parts.first == "c" { return Int(parts[1]) }
        guard parts.count == 3, let stamp = Int64(parts[1]), let id = Int(parts[2]) else { return nil }
        return list.firstIndex { place($0.stamp, $0.id) > place(stamp, id) } ?? list.count
    }
}
