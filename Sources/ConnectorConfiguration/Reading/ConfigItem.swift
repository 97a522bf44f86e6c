package import ConnectorCore

/// One value of a configuration together with its path and the collector: reads it as a type, or reports why not and
/// gives nil. A reader hands them out; use one directly where a key may hold several types.
package struct ConfigItem {
    package let value: LocatedValue
    /// Dotted path for messages.
    package let path: String
    /// The key's own name, without the path.
    package let name: String
    package let diagnostics: DiagnosticCollector

    package init(_ value: LocatedValue, path: String, name: String, diagnostics: DiagnosticCollector) {
        self.value = value
        self.path = path
        self.name = name
        self.diagnostics = diagnostics
    }

    /// Reports a mistake at this value.
    package func error(_ problem: String, _ remedy: String) {
        report(.error, problem, remedy)
    }

    package func warning(_ problem: String, _ remedy: String) {
        report(.warning, problem, remedy)
    }

    private func report(_ severity: Diagnostic.Severity, _ problem: String, _ remedy: String) {
        diagnostics.report(
            Diagnostic(location: value.location, key: path, problem: problem, remedy: remedy, severity: severity)
        )
    }

    /// Reports the wrong type: "expected a number, found a string".
    package func mismatch(expected: String, remedy: String) {
        error("expected \(expected), found \(value.typeName)", remedy)
    }
}

// MARK: - Scalars

extension ConfigItem {
    /// Text; empty text is a mistake unless allowed.
    package func string(allowingEmpty: Bool = false) -> String? {
        guard case .string(let text) = value.kind else {
            mismatch(expected: "a string", remedy: stringRemedy)
            return nil
        }
        guard allowingEmpty || !text.isEmpty else {
            error("is empty", "write a text that is not empty, or leave the key out")
            return nil
        }
        return text
    }

    private var stringRemedy: String {
        switch value.kind {
        case .number, .bool: "put it in quotes"
        default: "write a text in quotes"
        }
    }

    package func bool() -> Bool? {
        guard case .bool(let value) = value.kind else {
            mismatch(expected: "true or false", remedy: "write true or false, without quotes")
            return nil
        }
        return value
    }

    /// A whole number within bounds; `1e3` and `10.0` count as whole.
    package func integer(_ range: ClosedRange<Int> = .min ... .max) -> Int? {
        let remedy = "write a whole number\(Self.words(range)), without quotes"
        guard case .number(let text) = value.kind else {
            mismatch(expected: "a number", remedy: remedy)
            return nil
        }
        guard let number = JSONNumber.int64(text).flatMap(Int.init(exactly:)), range.contains(number) else {
            error("\(text) is not allowed", remedy)
            return nil
        }
        return number
    }

    /// Every finite number.
    package static let anyNumber = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude

    /// A finite number within bounds.
    package func number(_ range: ClosedRange<Double> = anyNumber) -> Double? {
        let remedy = "write a number\(Self.words(range)), without quotes"
        guard case .number(let text) = value.kind else {
            mismatch(expected: "a number", remedy: remedy)
            return nil
        }
        guard let number = Double(text), number.isFinite, range.contains(number) else {
            error("\(text) is not allowed", remedy)
            return nil
        }
        return number
    }

    /// One word of a closed list.
    package func choice<Choice>(of type: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        let names = Choice.allCases.map(\.rawValue)
        guard case .string(let text) = value.kind else {
            mismatch(expected: "a string", remedy: "write one of: \(DiagnosticText.list(names))")
            return nil
        }
        if let choice = Choice(rawValue: text) { return choice }
        let guess = NearestName.of(text, among: names).map { "did you mean \(DiagnosticText.quoted($0))? " } ?? ""
        let list = DiagnosticText.list(names)
        error(
            "unknown \(name) \(DiagnosticText.quoted(text))",
            guess.isEmpty ? "write one of: \(list)" : "\(guess)(one of: \(list))"
        )
        return nil
    }

    /// Text that a parser turns into a value; `expected` completes both "expected …" and "write …".
    package func parsed<Result>(_ expected: String, _ parse: (String) -> Result?) -> Result? {
        guard case .string(let text) = value.kind else {
            mismatch(expected: expected, remedy: "write \(expected) in quotes")
            return nil
        }
        guard let result = parse(text) else {
            error("is not \(expected)", "write \(expected)")
            return nil
        }
        return result
    }

    /// Text that a parser turns into a value, or throws an error whose description says what is wrong.
    package func parsed<Result, Failure: Error>(
        _ expected: String,
        throwing parse: (String) throws(Failure) -> Result
    ) -> Result? {
        guard case .string(let text) = value.kind else {
            mismatch(expected: expected, remedy: "write \(expected) in quotes")
            return nil
        }
        do {
            return try parse(text)
        } catch {
            self.error("\(error)", "write \(expected)")
            return nil
        }
    }

    /// Any JSON, for bodies and parameters that are passed on.
    package func json() -> JSONValue { value.toJSONValue() }

    private static func words(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): ""
        case (let lower, .max): " of at least \(lower)"
        case (.min, let upper): " of at most \(upper)"
        case (let lower, let upper): " from \(lower) to \(upper)"
        }
    }

    private static func words(_ range: ClosedRange<Double>) -> String {
        let limit = Double.greatestFiniteMagnitude
        switch (range.lowerBound <= -limit, range.upperBound >= limit) {
        case (true, true): return ""
        case (false, true): return " of at least \(range.lowerBound)"
        case (true, false): return " of at most \(range.upperBound)"
        case (false, false): return " from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
