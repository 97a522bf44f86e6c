import Testing

/// A name means one thing: whoever searches for a type finds it.
struct NameTests {
    @Test func `no two types of the sources have one name`() throws {
        let declaration = try Regex(
            "^(@[a-z]+ )*(package |public )?(indirect |final )?(struct|class|enum|actor|protocol) ([A-Za-z0-9]+)"
        )
        var places: [Substring: [String]] = [:]
        for file in try SourceTree.swiftFiles("Sources") {
            for line in file.code {
                guard let name = line.text.firstMatch(of: declaration)?.output.last?.substring else { continue }
                places[name, default: []].append("\(file):\(line.number)")
            }
        }
        #expect(places.count > 400)
        for (name, found) in places {
            #expect(found.count == 1, "\(name) is declared at \(found): name each by what it is")
        }
    }
}
