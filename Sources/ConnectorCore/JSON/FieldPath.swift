/// Where a value is: member names from the outside in. Written with dots (`error.message`), or as an array of names
/// where a name holds a dot itself (`["@odata.nextLink"]`).
package enum FieldPath {
    package static func parse(_ text: String) -> [String] {
        text.isEmpty ? [] : text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The first of several places that holds a value: not null, nor an empty text.
    package static func first(of paths: [[String]], in value: JSONValue) -> (path: [String], value: JSONValue)? {
        for path in paths {
            if let found = self.value(at: path, in: value), !found.isNull, found.string != "" { return (path, found) }
        }
        return nil
    }

    /// The value at a path; a step that is a number indexes an array.
    package static func value(at path: some Sequence<String>, in value: JSONValue) -> JSONValue? {
        var value = value
        for step in path {
            if let index = Int(step), value.array != nil {
                guard let element = value[index] else { return nil }
                value = element
            } else {
                guard let member = value[step] else { return nil }
                value = member
            }
        }
        return value
    }
}
