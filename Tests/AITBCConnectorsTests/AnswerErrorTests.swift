import ConnectorCore
import Testing

@testable import AITBCConnectors

struct AnswerErrorTests {
    private func error(_ body: String, _ rule: ErrorRule = ErrorRule(message: [["e", "m"]], code: [["e", "c"]]))
        -> AnswerError
    {
        AnswerError(.json(body, status: 400), rule, ConnectorSecrets(.none))
    }

    @Test(arguments: [
        ("{\"e\":{\"m\":\"no\",\"c\":\"x1\"}}", "no", "x1"),
        ("{\"e\":{\"m\":[1,2],\"c\":7}}", "[1,2]", "7"),
        ("{\"e\":{\"m\":\"two\\nlines\"}}", "two lines", nil),
        ("{\"other\":1}", "{\"other\":1}", nil),
        ("plain  text\r\nhere", "plain text here", nil),
        ("<html><body><h1>Bad</h1> gateway</body></html>", "Bad gateway", nil),
        ("", nil, nil),
        ("<br>", nil, nil),
    ])
    func `the server's words are found`(body: String, message: String?, code: String?) {
        let error = error(body)
        #expect(error.message == message)
        #expect(error.code == code)
    }

    @Test func `long words are cut`() {
        let message = error("{\"e\":{\"m\":\"" + String(repeating: "é", count: 1_000) + "\"}}").message
        #expect(message == String(repeating: "é", count: 300) + "…")
    }

    @Test func `a huge answer is not parsed for its words`() {
        let error = error("{\"e\":{\"c\":\"x\"},\"pad\":\"" + String(repeating: "y", count: 300_000) + "\"}")
        #expect(error.code == nil)
        #expect(error.message?.count == 301)
    }

    @Test func `bytes that are no text do no harm`() {
        let response = TransportResponse(status: 500, body: [0xFF, 0xFE, 0x41])
        #expect(AnswerError(response, ErrorRule(), ConnectorSecrets(.none)).message == "\u{FFFD}\u{FFFD}A")
    }
}
