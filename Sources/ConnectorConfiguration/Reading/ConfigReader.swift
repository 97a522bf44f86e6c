import ConnectorCore

/// Reads one object of a configuration key by key and collects every mistake instead of stopping at the first.
///
/// Each method marks its key as known. A required key that is missing, and a value that does not fit, become a
/// diagnostic and nil; a key that is null counts as not written. `finish` reports the keys that nobody asked for;
/// the closures of `object`, `map` and `array` get a reader that is finished for them.
package struct ConfigReader {
    /// Dotted path of the object for messages; empty at the top of a file.
    package let path: String
    /// Where the object begins: the place of what is missing.
    package let location: SourceLocation
    package let diagnostics: DiagnosticCollector
    /// Nil when the value was no object. That has been reported, and nothing else about it is worth a line.
    private let members: [LocatedMember]?
    /// Of those that are written and not null, by name: an object may have as many as a file holds.
    private let places: [String: Int]
    /// In the order of asking, which is the order of suggestions.
    private var known: [String] = []

    /// Expects an object, and reports anything else.
    package init(_ value: LocatedValue, path: String = "", diagnostics: DiagnosticCollector) {
        self.path = path
        self.location = value.location
        self.diagnostics = diagnostics
        guard case .object(let members) = value.kind else {
            self.members = nil
            places = [:]
            let name = path.isEmpty ? "file" : path
            ConfigItem(value, path: path, name: name, diagnostics: diagnostics)
                .mismatch(expected: "an object", remedy: "write { … }")
            return
        }
        let last = members.lastOfEachName
        self.members = last
        let written = last.enumerated().filter { !$0.element.value.isNull }
        places = Dictionary(uniqueKeysWithValues: written.map { ($0.element.name, $0.offset) })
    }

    /// Reads a whole value and finishes.
    package static func read<Result>(
        _ value: LocatedValue,
        path: String = "",
        diagnostics: DiagnosticCollector,
        _ read: (inout ConfigReader) -> Result?
    ) -> Result? {
        var reader = ConfigReader(value, path: path, diagnostics: diagnostics)
        let result = read(&reader)
        reader.finish()
        return result
    }
}

// MARK: - Keys

extension ConfigReader {
    /// The names that are written, in source order, null ones left out. Marks nothing as known.
    package var names: [String] {
        (members ?? []).filter { !$0.value.isNull }.map(\.name)
    }

    /// Whether the key is written and not null. Marks nothing as known.
    package func contains(_ key: String) -> Bool {
        member(key) != nil
    }

    /// Makes keys known without reading them, such as an editor's `$schema`.
    package mutating func allow(_ keys: String...) {
        known += keys
    }

    /// The value behind a key, whatever its type; nil when it is not written.
    package mutating func optional(_ key: String) -> ConfigItem? {
        known.append(key)
        guard let member = member(key) else { return nil }
        return ConfigItem(
            member.value,
            path: ConfigPath.member(key, of: path),
            name: key,
            diagnostics: diagnostics
        )
    }

    /// The value behind a key, reported when missing; `expected` names it in the message: "a string".
    package mutating func required(_ key: String, _ expected: String = "a value") -> ConfigItem? {
        if let item = optional(key) { return item }
        error(key, "is missing", "add \(ConfigPath.member(key, of: "")) with \(expected)")
        return nil
    }

    private func member(_ key: String) -> LocatedMember? {
        guard let members, let place = places[key] else { return nil }
        return members[place]
    }
}

// MARK: - Mistakes

extension ConfigReader {
    /// Reports a mistake about a key: at its value if it is written, else at the object.
    package func error(_ key: String, _ problem: String, _ remedy: String) {
        report(.error, key, problem, remedy)
    }

    package func warning(_ key: String, _ problem: String, _ remedy: String) {
        report(.warning, key, problem, remedy)
    }

    private func report(_ severity: Diagnostic.Severity, _ key: String, _ problem: String, _ remedy: String) {
        guard members != nil else { return }
        diagnostics.report(
            Diagnostic(
                location: member(key)?.value.location ?? location,
                key: ConfigPath.member(key, of: path),
                problem: problem,
                remedy: remedy,
                severity: severity
            )
        )
    }

    /// Reports every key that nobody asked for, with the nearest known name or the list of them.
    package func finish() {
        let names = Set(known)
        // A key that is already written is hardly the one that was meant.
        let free = known.filter { !contains($0) }
        for member in members ?? [] where !names.contains(member.name) {
            // A file with thousands of them is broken in one way, and nobody reads what each might have been.
            let isTold = diagnostics.keepsMore(of: member.nameLocation.file)
            diagnostics.report(
                Diagnostic(
                    location: member.nameLocation,
                    key: ConfigPath.member(member.name, of: path),
                    problem: "unknown key",
                    remedy: isTold ? suggestion(for: member.name, free) : ""
                )
            )
        }
    }

    private func suggestion(for name: String, _ free: [String]) -> String {
        if known.isEmpty { return "nothing is expected here, remove it" }
        if let nearest = NearestName.of(name, among: free) ?? NearestName.of(name, among: known) {
            return "did you mean \(DiagnosticText.quoted(nearest))?"
        }
        var seen: Set<String> = []
        return "known here: \(known.filter { seen.insert($0).inserted }.joined(separator: ", "))"
    }
}
