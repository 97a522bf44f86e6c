import ConnectorCore

/// Which streams a connector file chooses, and what each is made of: the defaults, the definition, the file.
///
/// A file that names streams chooses these. One that names none, or only such as it does not want (`charges: null`),
/// chooses all others of the definition.
struct StreamChoice {
    /// In the order of definition and file.
    private(set) var streams: [(name: String, value: LocatedValue)] = []
    /// Every stream of the definition and of the file, chosen or not.
    private(set) var known: Set<String> = []
    /// Whether something was reported, so that an empty choice is not worth a line of its own.
    private(set) var hasMistakes = false

    init(of file: LocatedValue, in merged: LocatedValue, definition: LocatedValue?, _ diagnostics: DiagnosticCollector)
    {
        guard let all = merged["streams"], !all.isNull else { return }
        guard case .object(let members) = all.kind else {
            ConfigItem(all, path: "streams", name: "streams", diagnostics: diagnostics)
                .mismatch(expected: "an object", remedy: "write { NAME: { … }, … }")
            hasMistakes = true
            return
        }
        known = Set(members.map(\.name) + (definition?["streams"]?.writtenNames ?? []))
        let own = file["streams"]?.writtenMembers ?? []
        let unknown = definition.map { Self.unknown(own, $0["streams"], diagnostics) } ?? []
        hasMistakes = !unknown.isEmpty
        let defaults = merged["defaults"]
        for member in members.lastOfEachName where !member.value.isNull {
            let isChosen = own.isEmpty ? definition != nil : own.contains { $0.name == member.name }
            guard isChosen, !unknown.contains(member.name) else { continue }
            var value = defaults.map { $0.merging(member.value.withWholeSchedule) } ?? member.value
            // Once more, and last: its nulls remove what the defaults give.
            if let changes = own.first(where: { $0.name == member.name })?.value { value = value.merging(changes) }
            value.location = member.value.location
            streams.append((member.name, value))
        }
    }

    /// Streams that are neither in the definition nor described in the file: misspelt ones.
    private static func unknown(
        _ own: [LocatedMember],
        _ known: LocatedValue?,
        _ diagnostics: DiagnosticCollector
    ) -> Set<String> {
        let names = (known?.writtenMembers ?? []).map(\.name)
        let missing = own.filter { member in
            !names.contains(member.name) && member.value["path"] == nil && member.value["body"] == nil
        }
        for member in missing {
            let nearest = NearestName.of(member.name, among: names).map { "did you mean \"\($0)\"?" }
            let list = "it has \(names.joined(separator: ", ")); a list of your own needs a path"
            diagnostics.report(
                Diagnostic(
                    location: member.nameLocation,
                    key: ConfigPath.member(member.name, of: "streams"),
                    problem: "the definition has no such stream",
                    remedy: nearest ?? list
                )
            )
        }
        return Set(missing.map(\.name))
    }
}

extension LocatedValue {
    /// The names of an object's members that are not null.
    var writtenNames: [String] { writtenMembers.map(\.name) }

    /// The members of an object that are not null, every name once.
    fileprivate var writtenMembers: [LocatedMember] {
        guard case .object(let members) = kind else { return [] }
        return members.lastOfEachName.filter { !$0.value.isNull }
    }

    /// A schedule replaces another as a whole: `cron` in a connector file must not meet the definition's `every`. The
    /// nulls that this adds take the other kind's keys away when it is merged.
    var withWholeSchedule: LocatedValue {
        changingMember("schedule") { schedule in
            guard case .object(let members) = schedule.kind else { return schedule }
            let others: [String]
            switch (schedule["cron"], schedule["every"]) {
            case (.some, nil): others = ["every", "jitter"]
            // The definition's jitter was meant for the definition's interval.
            case (nil, .some): others = ["cron", "time_zone", "jitter"]
            default: return schedule
            }
            let missing = others.filter { schedule[$0] == nil }
            let nulls = missing.map { name in
                LocatedMember(
                    name: name,
                    nameLocation: schedule.location,
                    value: LocatedValue(.null, at: schedule.location)
                )
            }
            return LocatedValue(.object(members + nulls), at: schedule.location)
        }
    }

    /// The same for every schedule of a connector file.
    var withWholeSchedules: LocatedValue {
        withWholeSchedule
            .changingMember("defaults", \.withWholeSchedule)
            .changingMember("streams") { streams in
                guard case .object(let members) = streams.kind else { return streams }
                return members.reduce(streams) { $0.changingMember($1.name, \.withWholeSchedule) }
            }
    }

    private func changingMember(_ name: String, _ change: (LocatedValue) -> LocatedValue) -> LocatedValue {
        guard case .object(var members) = kind else { return self }
        for index in members.indices where members[index].name == name {
            members[index].value = change(members[index].value)
        }
        return LocatedValue(.object(members), at: location)
    }
}
