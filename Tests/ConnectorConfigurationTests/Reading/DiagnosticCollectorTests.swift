import ConnectorConfiguration
import ConnectorCore
import Testing

struct DiagnosticCollectorTests {
    private func mistake(_ line: Int, file: String = "f", severity: Diagnostic.Severity = .error) -> Diagnostic {
        let location = SourceLocation(file: file, line: line, column: 1)
        return Diagnostic(location: location, key: "k", problem: "p", remedy: "r", severity: severity)
    }

    @Test func `mistakes are sorted, kept once and limited by file`() {
        let collector = DiagnosticCollector()
        for line in (1...130).reversed() {
            collector.report(mistake(line))
            collector.report(mistake(line))
        }
        collector.report(mistake(1, file: "g", severity: .warning))
        #expect(collector.lines.count == DiagnosticCollector.maximumPerFile + 2)
        #expect(collector.lines.first == "f:31:1: k: p; r")
        #expect(collector.lines.suffix(2).first == "f: … and 30 more")
        #expect(collector.lines.last == "g:1:1: warning: k: p; r")
        #expect(collector.hasErrors)
    }

    @Test func `warnings alone are no errors`() {
        let collector = DiagnosticCollector()
        collector.report(mistake(1, severity: .warning))
        #expect(!collector.hasErrors)
        #expect(!collector.isEmpty)
    }
}
