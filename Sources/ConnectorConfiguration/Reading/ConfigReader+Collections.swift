// Objects and lists. The closures get readers that are finished for them. Lists and maps give an empty one when the
// key is missing or does not fit; the required ones have reported it.

extension ConfigReader {
    package mutating func object<Result>(_ key: String, _ read: (inout ConfigReader) -> Result?) -> Result? {
        required(key, "an object")?.object(read)
    }

    package mutating func optionalObject<Result>(_ key: String, _ read: (inout ConfigReader) -> Result?) -> Result? {
        optional(key)?.object(read)
    }

    /// An object that may be left out because each of its keys has a default: then the closure reads an empty one.
    package mutating func section<Result>(_ key: String, _ read: (inout ConfigReader) -> Result?) -> Result? {
        if let item = optional(key) { return item.object(read) }
        let empty = LocatedValue(.object([]), at: location)
        let path = ConfigPath.member(key, of: path)
        return ConfigItem(empty, path: path, name: key, diagnostics: diagnostics).object(read)
    }

    /// An object whose names the user chooses, each with an object to read. Every name comes once, in source order.
    package mutating func map<Result>(
        _ key: String,
        _ read: (_ name: String, inout ConfigReader) -> Result?
    ) -> [(name: String, value: Result)] {
        required(key, "an object")?.map(read) ?? []
    }

    package mutating func optionalMap<Result>(
        _ key: String,
        _ read: (_ name: String, inout ConfigReader) -> Result?
    ) -> [(name: String, value: Result)] {
        optional(key)?.map(read) ?? []
    }

    /// A list of objects to read.
    package mutating func array<Result>(_ key: String, _ read: (inout ConfigReader) -> Result?) -> [Result] {
        required(key, "a list")?.array(read) ?? []
    }

    package mutating func optionalArray<Result>(_ key: String, _ read: (inout ConfigReader) -> Result?) -> [Result] {
        optional(key)?.array(read) ?? []
    }

    package mutating func strings(_ key: String) -> [String] {
        required(key, "a list of strings")?.strings() ?? []
    }

    package mutating func optionalStrings(_ key: String) -> [String] {
        optional(key)?.strings() ?? []
    }

    package mutating func optionalIntegers(_ key: String, range: ClosedRange<Int>) -> [Int] {
        optional(key)?.elements { $0.integer(range) } ?? []
    }

    package mutating func stringMap(_ key: String) -> [(name: String, value: String)] {
        required(key, "an object of strings")?.stringMap() ?? []
    }

    package mutating func optionalStringMap(_ key: String) -> [(name: String, value: String)] {
        optional(key)?.stringMap() ?? []
    }
}
