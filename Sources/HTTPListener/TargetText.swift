/// Takes a request target apart (RFC 3986 § 3.3, § 3.4; `+` in a query is a space, as forms write it).
package enum TargetText {
    package static func parse(_ target: String) -> (path: String, query: [ListenerRequest.QueryItem]) {
        let bytes = Array(target.utf8)
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else {
            return (decoded(bytes[...], plusIsSpace: false), [])
        }
        return (decoded(bytes[..<mark], plusIsSpace: false), pairs(bytes[(mark + 1)...]))
    }

    /// `a=1&b=2`, of a query or a form.
    package static func pairs(_ bytes: ArraySlice<UInt8>) -> [ListenerRequest.QueryItem] {
        bytes.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = decoded(part[..<(equals ?? part.endIndex)], plusIsSpace: true)
            let value = equals.map { decoded(part[($0 + 1)...], plusIsSpace: true) } ?? ""
            return ListenerRequest.QueryItem(name, value)
        }
    }

    /// A `%` without two hexadecimal digits stands for itself; bytes that are not UTF-8 become U+FFFD.
    static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%"), let byte = escaped(bytes, at: index) {
                result.append(byte)
                index += 3
                continue
            }
            let isSpace = plusIsSpace && bytes[index] == UInt8(ascii: "+")
            result.append(isSpace ? UInt8(ascii: " ") : bytes[index])
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func escaped(_ bytes: ArraySlice<UInt8>, at index: Int) -> UInt8? {
        guard index + 2 < bytes.endIndex,
            let high = hexadecimal(bytes[index + 1]), let low = hexadecimal(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
