import Testing

@testable import ConnectorCommands

/// Lines of a terminal: what comes from outside stays on its line, and in its column.
struct TerminalTests {
    private let hostile = "a\u{1B}[2J\nb\u{202E}c"

    @Test func `a line takes nothing that a terminal obeys`() {
        #expect(TerminalLine(hostile).text == "a?[2J b?c")
    }

    @Test func `only our own colours are sent`() {
        #expect(TerminalLine(hostile, .red).text == "\u{1B}[31ma?[2J b?c\u{1B}[0m")
    }

    @Test func `a table's cells keep to their row and column`() {
        let table = TerminalLine.table([["NAME", "STATE"], ["x\ny", "\u{9B}31m"], ["longer", "ok"]])
        #expect(table == ["NAME    STATE", "x y     ?31m", "longer  ok"])
        #expect(TerminalLine.table([]).isEmpty)
    }
}
