import CCurl
import ConnectorCore

/// The header fields of one request as libcurl takes them: made once for all requests that bear the same. Used by the curl
/// thread only.
@safe final class HeaderList {
    let raw: UnsafeMutablePointer<curl_slist>?

    /// Nil: out of memory.
    init?(_ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                return nil
            }
            unsafe list = unsafe longer
        }
        unsafe raw = unsafe list
    }

    deinit {
        unsafe curl_slist_free_all(raw)
    }

    /// `Name:` removes a field libcurl would add; `Name;` sends an empty one.
    static func lines(_ headers: TransportHeaders, decodes: Bool) -> [String] {
        var lines = ["Expect:"]
        if headers["Content-Type"] == nil { lines.append("Content-Type:") }
        for field in headers.fields {
            // The caller's wish would bring back the answers we could not read.
            if !decodes, field.name.equalsIgnoringASCIICase("Accept-Encoding") { continue }
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return lines
    }
}

/// The lists of the last requests: a client's requests have few sets of header fields, unless each is signed.
final class HeaderLists {
    /// Reading and writing, of a few accounts.
    static let most = 8

    private var kept: [(headers: TransportHeaders, decodes: Bool, list: HeaderList)] = []
    private var oldest = 0

    /// Byte for byte: texts that look alike are equal in Swift, and none of them may be sent for another.
    private static func areSame(_ one: TransportHeaders, _ other: TransportHeaders) -> Bool {
        guard one.fields.count == other.fields.count else { return false }
        for index in one.fields.indices
        where !one.fields[index].name.utf8.elementsEqual(other.fields[index].name.utf8)
            || !one.fields[index].value.utf8.elementsEqual(other.fields[index].value.utf8)
        { return false }
        return true
    }

    /// Nil: out of memory.
    func list(_ headers: TransportHeaders, decodes: Bool) -> HeaderList? {
        if let index = kept.firstIndex(where: { $0.decodes == decodes && Self.areSame($0.headers, headers) }) {
            return kept[index].list
        }
        guard let list = HeaderList(HeaderList.lines(headers, decodes: decodes)) else { return nil }
        if kept.count < Self.most {
            kept.append((headers, decodes, list))
        } else {
            kept[oldest] = (headers, decodes, list)
            oldest = (oldest + 1) % Self.most
        }
        return list
    }
}
