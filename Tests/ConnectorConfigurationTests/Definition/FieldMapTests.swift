import ConnectorConfiguration
import ConnectorCore
import Testing

struct FieldMapTests {
    private static let charge =
        #"{"id":"ch_1","amount":1999,"currency":"chf","status":"succeeded","created":1767225600,"metadata":{"a":"b"}"#

    @Test(arguments: [
        (#","refunded":false,"amount_refunded":0}"#, "succeeded"),
        (#","refunded":false,"amount_refunded":5}"#, "partially_refunded"),
        (#","refunded":true,"amount_refunded":1999}"#, "refunded"),
        (#","refunded":false,"amount_refunded":null}"#, "succeeded"),
        (#","status":"on_the_moon"}"#, "on_the_moon"),
    ])
    func `a charge's status says whether it was refunded, unknown ones are kept`(rest: String, status: JSONValue) throws
    {
        #expect(try OperationFixture.stripe("create_charge").mapped(Self.charge + rest).object["status"] == status)
    }

    @Test func `times are ISO 8601, and the change falls back to the creation`() throws {
        let charge = try OperationFixture.stripe("create_charge").mapped(Self.charge + "}").object
        #expect(charge["created_at"] == "2026-01-01T00:00:00Z")
        #expect(charge["updated_at"] == "2026-01-01T00:00:00Z")
        #expect(charge["metadata"] == ["a": "b"])
        #expect(charge["description"] == nil)
    }

    private static let order = """
        models: { order: { id: { path: "nr", format: "text" }, total: { path: "sum", format: "decimal", currency: "cur" },
          state: { path: "st", values: { D: "done" } }, at: { path: "at", format: "unix_ms" },
          tag: ["a.b", { if: "flag", value: "flagged" }] } }
        """

    @Test(
        arguments: [
            (#"{"nr":7,"sum":"12.30","cur":"CHF"}"#, ["id": "7", "total": 1230]),
            (#"{"nr":"7","sum":12.3,"cur":"chf"}"#, ["id": "7", "total": 1230]),
            (#"{"sum":"12","cur":"JPY"}"#, ["total": 12]),
            (#"{"sum":"0.001","cur":"KWD"}"#, ["total": 1]),
            (#"{"sum":null,"st":"D"}"#, ["state": "done"]),
            (#"{"st":"other","at":1767225600123}"#, ["state": "other", "at": "2026-01-01T00:00:00.123Z"]),
            (#"{"a":{"b":1},"flag":true}"#, ["tag": 1]),
            (#"{"a":{},"flag":true}"#, ["tag": "flagged"]),
            (#"{"a":[],"flag":0}"#, [:]),
        ] as [(String, JSONValue)]
    )
    func `a field is read by its rule`(text: String, object: JSONValue) throws {
        let order = try OperationFixture("{ path: \"/o\", returns: \"order\" }", Self.order)
        let read = try order.mapped(text)
        #expect(read.object == object)
        #expect(read.mistakes == [])
    }

    private static let written = """
        models: { order: { id: { path: "nr", read_only: true }, total: { path: "sum.value", format: "decimal", currency: "cur" },
          currency: "cur", state: { path: "st", values: { D: "done", X: "done" } }, at: { path: "at", format: "unix" },
          day: [{ path: "a.0", format: "date" }, { path: "day", format: "date" }], kind: { value: "order" },
          price: { path: "price.decimal", to: "price", format: "decimal", currency: "cur",
                   write: { __class__: "Decimal", decimal: "${value}" } } } }
        """

    @Test(
        arguments: [
            (["currency": "CHF", "total": 1205], #"{"cur":"CHF","sum":{"value":"12.05"}}"#),
            (["currency": "JPY", "total": -5], #"{"cur":"JPY","sum":{"value":"-5"}}"#),
            (["currency": "KWD", "price": 1], #"{"cur":"KWD","price":{"__class__":"Decimal","decimal":"0.001"}}"#),
            (["state": "done", "own": [1]], #"{"st":"D","own":[1]}"#), (["state": "new"], #"{"st":"new"}"#),
            (["at": "2026-01-01T00:00:00Z", "day": "2026-03-04"], #"{"at":1767225600,"day":"2026-03-04"}"#),
            (["id": "7", "kind": "order"], "{}"), (["at": nil, "total": nil], #"{"at":null,"sum":{"value":null}}"#),
        ] as [(JSONValue, String)]
    )
    func `a field is written by its rule`(data: JSONValue, text: String) throws {
        let order = try OperationFixture("{ path: \"/o\", takes: \"order\", fields: \"${record}\" }", Self.written)
        let model = try #require(order.connector.models["order"])
        let (object, mistakes) = model.record(of: data)
        #expect(object.text == text)
        #expect(mistakes == [])
    }

    @Test(
        arguments: [["total": 5], ["total": 5, "currency": "XYZ"], ["at": "soon"], ["total": "5", "currency": "CHF"]]
            as [JSONValue]
    )
    func `what the API's form can't hold is a mistake`(data: JSONValue) throws {
        let order = try OperationFixture("{ path: \"/o\", takes: \"order\", fields: \"${record}\" }", Self.written)
        let mistake = #expect(throws: OperationRequest.Mistake.self) { try order.request(data) }
        #expect(mistake?.kind == .unwritable)
    }

    @Test(arguments: [
        (#"{"sum":"12.345","cur":"CHF"}"#, "12.345 is not an amount of CHF"),
        (#"{"sum":"much","cur":"CHF"}"#, "much is not an amount"),
        (#"{"sum":"12","cur":"XYZ"}"#, "the currency XYZ is not one"), (#"{"sum":"12"}"#, "the currency (none)"),
        (#"{"at":"soon"}"#, "is not a time"),
    ])
    func `an amount or a time that can't be read is a mistake, never a guess`(text: String, words: String) throws {
        let order = try OperationFixture("{ path: \"/o\", returns: \"order\" }", Self.order)
        let read = try order.mapped(text)
        #expect(read.mistakes.count == 1)
        #expect(read.mistakes.first?.contains(words) == true, "\(read.mistakes)")
    }
}
