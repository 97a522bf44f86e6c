package import ConnectorCore

extension FieldPath {
    /// As it is written: with dots, or as an array of names.
    package static func parse(_ item: ConfigItem) -> [String]? {
        switch item.value.kind {
        case .string(let text): return parse(text)
        case .array: return item.strings()
        default:
            item.mismatch(expected: "a path", remedy: "write names with dots, such as \"error.message\"")
            return nil
        }
    }
}
