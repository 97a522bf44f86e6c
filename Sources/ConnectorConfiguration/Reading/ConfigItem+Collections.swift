extension ConfigItem {
    /// Reads an object's members; keys that the closure did not ask for are reported after it.
    package func object<Result>(_ read: (inout ConfigReader) -> Result?) -> Result? {
        guard case .object = value.kind else {
            mismatch(expected: "an object", remedy: "write { … }")
            return nil
        }
        var reader = ConfigReader(value, path: path, diagnostics: diagnostics)
        let result = read(&reader)
        reader.finish()
        return result
    }

    /// An object with names of the user's choice: one item each, in source order, every name once. A null member
    /// counts as not written. What the closure gives nil for is left out.
    package func entries<Result>(_ read: (_ name: String, ConfigItem) -> Result?) -> [(name: String, value: Result)]? {
        guard case .object(let members) = value.kind else {
            mismatch(expected: "an object", remedy: "write { name: …, … }")
            return nil
        }
        return members.lastOfEachName.compactMap { member in
            guard !member.value.isNull else { return nil }
            let path = ConfigPath.member(member.name, of: path)
            let item = ConfigItem(member.value, path: path, name: member.name, diagnostics: diagnostics)
            return read(member.name, item).map { (member.name, $0) }
        }
    }

    /// As `entries`, where each value is an object to read.
    package func map<Result>(
        _ read: (_ name: String, inout ConfigReader) -> Result?
    ) -> [(name: String, value: Result)]? {
        entries { name, item in
            item.object { reader in read(name, &reader) }
        }
    }

    /// A list's elements in order; what the closure gives nil for is left out.
    package func elements<Result>(_ read: (ConfigItem) -> Result?) -> [Result]? {
        guard case .array(let elements) = value.kind else {
            mismatch(expected: "a list", remedy: "write [ …, … ]")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            let path = ConfigPath.element(index, of: path)
            return read(ConfigItem(element, path: path, name: name, diagnostics: diagnostics))
        }
    }

    /// A list of objects to read.
    package func array<Result>(_ read: (inout ConfigReader) -> Result?) -> [Result]? {
        elements { $0.object(read) }
    }

    package func strings() -> [String]? {
        elements { $0.string() }
    }

    /// Names of the user's choice with a text each (HTTP fields, parameters); a text may be empty.
    package func stringMap() -> [(name: String, value: String)]? {
        entries { _, item in item.string(allowingEmpty: true) }
    }
}

extension [LocatedMember] {
    /// Without the members that a later one of the same name overrules.
    var lastOfEachName: [LocatedMember] {
        var seen: Set<String> = []
        return reversed().filter { seen.insert($0.name).inserted }.reversed()
    }
}
