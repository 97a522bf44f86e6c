import ConnectorCore
import Testing

struct ErrorRuleTests {
    private static let rule = ErrorRule(
        present: ["status"],
        ok: ["OK", "0"],
        positionLost: [ErrorMatch(message: "Invalid CURSOR")],
        credentials: ["EXPIRED", "Authentication_*", ErrorMatch(message: "invalid token", status: 400)],
        throttled: ["Authentication_TooMany*", ErrorMatch(status: 509)],
        transient: ["Internal_*", ErrorMatch(code: "SERVER", status: 400)]
    )

    @Test(
        arguments: [
            ("EXPIRED", nil, 401, .credentials), ("EXPIRED_", nil, 401, nil),
            ("Authentication_X", nil, 403, .credentials),
            ("Authentication_", nil, 403, .credentials), ("authentication_x", nil, 403, nil),
            ("Internal_", "x", 200, .transient), ("SERVER", nil, 400, .transient), ("SERVER", nil, 500, nil),
            (nil, "an invalid cursor value", 400, .positionLost), (nil, nil, 400, nil), ("x", nil, 509, .throttled),
            (nil, "Invalid token.", 400, .credentials), (nil, "Invalid token.", 403, nil),
        ] as [(String?, String?, Int, FailureClass?)]
    )
    func `what the words mean`(code: String?, message: String?, status: Int, kind: FailureClass?) {
        #expect(Self.rule.kind(of: .init(code: code, message: message, status: status)) == kind)
    }

    @Test func `what names more of the answer wins`() {
        #expect(Self.rule.kind(of: .init(code: "Authentication_TooManyRequests", status: 401)) == .throttled)
        let rule = ErrorRule(throttled: ["A*"], transient: ["AB"])
        #expect(rule.kind(of: .init(code: "AB", status: 400)) == .transient)
        #expect(rule.kind(of: .init(code: "ABC", status: 400)) == .throttled)
    }

    @Test(
        arguments: [
            ("null", true), ("false", true), ("\"\"", true), ("[]", true), ("{}", true), ("\"OK\"", true), ("0", true),
            ("\"0\"", true), ("\"ok\"", false), ("\"ERROR\"", false), ("{\"m\":1}", false), ("1", false),
            ("true", false),
        ]
    )
    func `what stands in an error's place and is none`(json: String, isNone: Bool) {
        #expect(Self.rule.isNone(Array(json.utf8)) == isNone)
    }
}
