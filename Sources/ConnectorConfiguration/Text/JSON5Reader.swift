import ConnectorCore

/// Reads JSON5 (json5.org) and remembers where everything was written.
///
/// Refused beyond the specification: halves of surrogate pairs, hexadecimal numbers over 64 bits, and, unless allowed,
/// infinite numbers and NaN.
package enum JSON5Reader {
    /// The largest file. A configuration is some kilobytes; more is a wrong file.
    package static let maximumBytes = 1 << 20
    /// The deepest nesting. A definition needs about eight; it also bounds the reader's recursion.
    package static let maximumDepth = 64

    /// The file's value. The first syntax error is reported and gives nil; repeated keys and infinite numbers are
    /// reported, and reading goes on.
    package static func read(
        _ bytes: [UInt8],
        file: String,
        allowingNonFinite: Bool = false,
        diagnostics: DiagnosticCollector
    ) -> LocatedValue? {
        guard let scalars = text(bytes, file, diagnostics) else { return nil }
        var parser = JSON5Parser(
            scanner: JSON5Scanner(scalars: scalars),
            positions: SourcePositions(file: file, scalars: scalars),
            diagnostics: diagnostics,
            allowsNonFinite: allowingNonFinite
        )
        return parser.file()
    }

    /// The file's characters, if it is small enough and UTF-8.
    private static func text(_ bytes: [UInt8], _ file: String, _ diagnostics: DiagnosticCollector) -> [Unicode.Scalar]?
    {
        guard bytes.count <= maximumBytes else {
            let start = SourceLocation(file: file, line: 1, column: 1)
            let problem = "the file has \(bytes.count) bytes, at most \(maximumBytes) are read"
            diagnostics.report(Diagnostic(location: start, key: "", problem: problem, remedy: "split it"))
            return nil
        }
        guard let damage = UTF8Check.firstInvalidOffset(in: bytes) else { return scalars(bytes[...]) }
        let intact = scalars(bytes[..<damage])
        var positions = SourcePositions(file: file, scalars: intact)
        diagnostics.report(
            Diagnostic(
                location: positions.location(of: intact.count),
                key: "",
                problem: "the file is not UTF-8 here",
                remedy: "save it in UTF-8"
            )
        )
        return nil
    }

    private static func scalars(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar] {
        Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    }
}

/// The grammar's structure; tokens come from the scanner.
private struct JSON5Parser {
    var scanner: JSON5Scanner
    var positions: SourcePositions
    let diagnostics: DiagnosticCollector
    let allowsNonFinite: Bool
    var depth = 0
    /// Of the value being read.
    var path = ""

    mutating func file() -> LocatedValue? {
        do throws(JSON5Failure) {
            try scanner.skipSpace()
            guard scanner.peek != nil else { throw scanner.failure("the file is empty", "write { … }") }
            let value = try value()
            try scanner.skipSpace()
            guard scanner.peek == nil else {
                throw scanner.failure("\(scanner.found) after the end of the value", "remove it, or check the brackets")
            }
            return value
        } catch {
            report(error.problem, error.remedy, at: positions.location(of: error.offset), key: path)
            return nil
        }
    }

    mutating func report(_ problem: String, _ remedy: String, at location: SourceLocation, key: String) {
        diagnostics.report(Diagnostic(location: location, key: key, problem: problem, remedy: remedy))
    }

    mutating func value() throws(JSON5Failure) -> LocatedValue {
        let location = positions.location(of: scanner.offset)
        let kind: LocatedValue.Kind =
            switch scanner.peek {
            case "{": try object(at: location)
            case "[": try array(at: location)
            case "\"", "'": .string(try scanner.string())
            case let scalar? where JSON5Scanner.startsNumber(scalar): .number(try scanner.number())
            default: try scanner.word()
            }
        if case .number(let text) = kind { refuseNonFinite(text, at: location) }
        return LocatedValue(kind, at: location)
    }

    mutating func refuseNonFinite(_ text: String, at location: SourceLocation) {
        guard !allowsNonFinite, LocatedValue.nonFiniteNumbers.contains(text) else { return }
        report("\(text) is not allowed", "write a finite number", at: location, key: path)
    }

    mutating func enter() throws(JSON5Failure) {
        guard depth < JSON5Reader.maximumDepth else {
            throw scanner.failure("nested deeper than \(JSON5Reader.maximumDepth) levels", "flatten it")
        }
        depth += 1
        scanner.offset += 1
    }

    mutating func array(at opening: SourceLocation) throws(JSON5Failure) -> LocatedValue.Kind {
        try enter()
        let ownPath = path
        var elements: [LocatedValue] = []
        while try !closes("]", opening) {
            path = ConfigPath.element(elements.count, of: ownPath)
            elements.append(try value())
            path = ownPath
            try separator("]", opening)
        }
        depth -= 1
        return .array(elements)
    }

    mutating func object(at opening: SourceLocation) throws(JSON5Failure) -> LocatedValue.Kind {
        try enter()
        let ownPath = path
        var members: [LocatedMember] = []
        var places: [String: SourceLocation] = [:]
        while try !closes("}", opening) {
            let member = try member()
            if let first = places.updateValue(member.nameLocation, forKey: member.name) {
                reportRepetition(of: member, after: first)
            }
            members.append(member)
            path = ownPath
            try separator("}", opening)
        }
        depth -= 1
        return .object(members)
    }

    mutating func reportRepetition(of member: LocatedMember, after first: SourceLocation) {
        report(
            "the key is written twice",
            "remove this one or the one in line \(first.line)",
            at: member.nameLocation,
            key: path
        )
    }

    /// Leaves `path` at the member.
    mutating func member() throws(JSON5Failure) -> LocatedMember {
        let location = positions.location(of: scanner.offset)
        let name = try scanner.memberName()
        path = ConfigPath.member(name, of: path)
        try scanner.skipSpace()
        guard scanner.take(":") else {
            throw scanner.failure("expected : after the key, found \(scanner.found)", "write key: value")
        }
        try scanner.skipSpace()
        return LocatedMember(name: name, nameLocation: location, value: try value())
    }

    /// Whether the container ends here.
    mutating func closes(_ closing: Unicode.Scalar, _ opening: SourceLocation) throws(JSON5Failure) -> Bool {
        try scanner.skipSpace()
        guard scanner.peek != nil else { throw unclosed(closing, opening) }
        return scanner.take(closing)
    }

    /// Takes the comma after an element; the last one needs none.
    mutating func separator(_ closing: Unicode.Scalar, _ opening: SourceLocation) throws(JSON5Failure) {
        try scanner.skipSpace()
        guard scanner.peek != nil else { throw unclosed(closing, opening) }
        guard scanner.take(",") || scanner.peek == closing else {
            throw scanner.failure("expected , or \(closing), found \(scanner.found)", "put a comma between two values")
        }
    }

    func unclosed(_ closing: Unicode.Scalar, _ opening: SourceLocation) -> JSON5Failure {
        let place = "line \(opening.line), column \(opening.column)"
        return scanner.failure("the file ends before \(closing)", "close what begins in \(place)")
    }
}
