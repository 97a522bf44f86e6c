/// One mistake in a configuration file, written so that a person can repair it without a manual.
package struct Diagnostic: Error, Sendable, Hashable, Comparable, CustomStringConvertible {
    package enum Severity: Sendable, Hashable {
        case error
        case warning
    }

    package var location: SourceLocation
    /// Dotted path such as `streams.charges.cursor.order`; empty when the whole file is meant.
    package var key: String
    /// What is wrong.
    package var problem: String
    /// What would be right.
    package var remedy: String
    package var severity: Severity

    package init(
        location: SourceLocation,
        key: String,
        problem: String,
        remedy: String,
        severity: Severity = .error
    ) {
        self.location = location
        self.key = key
        self.problem = problem
        self.remedy = remedy
        self.severity = severity
    }

    /// One line: `file:line:column: key: what is wrong; what would be right`. A warning has `warning: ` before the key.
    /// An empty key or remedy is left out together with its separator.
    package var description: String {
        var text = "\(location): "
        if severity == .warning { text += "warning: " }
        if !key.isEmpty { text += "\(key): " }
        text += problem
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }

    /// By file, line and column; what stands at one place by key and text, so that the order is always the same.
    package static func < (left: Diagnostic, right: Diagnostic) -> Bool {
        guard left.location == right.location else { return left.location < right.location }
        return (left.key, left.problem, left.remedy) < (right.key, right.problem, right.remedy)
    }
}
