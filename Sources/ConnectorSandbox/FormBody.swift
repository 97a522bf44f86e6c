import HTTPListener

/// Form fields as JSON: `metadata[order]=7` is a nested object; amounts are numbers, everything else is text.
enum FormBody {
    private static let integers: Set<String> = [
        "amount", "quantity", "unit_amount", "balance", "exp_month", "exp_year",
    ]

    static func json(_ body: [UInt8]) -> SandboxJSON {
        // A body without a member lacks what the call needs, and is refused for that.
        if body.first == UInt8(ascii: "{") { return (try? SandboxJSONParser.parse(body)) ?? [:] }
        var result: SandboxJSON = [:]
        for pair in TargetText.pairs(body[...]) {
            let path = pair.name.split(whereSeparator: { $0 == "[" || $0 == "]" }).map(String.init)
            set(path[...], to: pair.value, in: &result)
        }
        return result
    }

    private static func set(_ path: ArraySlice<String>, to text: String, in object: inout SandboxJSON) {
        guard let name = path.first else { return }
        if path.count == 1 {
            let isNumber = integers.contains(name) && Int(text) != nil
            object[name] = isNumber ? .number(text) : .string(text)
            return
        }
        var inner = object[name] ?? [:]
        set(path.dropFirst(), to: text, in: &inner)
        object[name] = inner
    }
}
