import ConnectorCore
import Testing

struct RecordSlicerTests {
    @Test func `records of an array are cut out byte for byte`() throws {
        let sliced = try Sliced(#"{"data":[{"id":1,"x":1.50},{"id":"b"}],"has_more":true}"#, .array(["data"]))
        #expect(sliced.records == [#"{"id":1,"x":1.50}"#, #"{"id":"b"}"#])
    }

    @Test func `the empty path is a root array`() throws {
        #expect(
            try Sliced(#"[{"a":1},2,"x",[3],null]"#, .array([])).records == [#"{"a":1}"#, "2", #""x""#, "[3]", "null"]
        )
    }

    @Test func `a nested path leads to the records`() throws {
        let text = #"{"d":{"count":2,"results":[1,2]},"results":[9]}"#
        #expect(try Sliced(text, .array(["d", "results"])).records == ["1", "2"])
    }

    @Test func `the root object can be the only record`() throws {
        let sliced = try Sliced(
            #" {"id": "x", "error": {"message": "m"}} "#,
            .single([]),
            fields: [["id"], ["error", "message"]],
            page: [["error", "message"], ["id"]]
        )
        #expect(sliced.records == [#"{"id":"x","error":{"message":"m"}}"#])
        #expect(sliced.fields == [[#""x""#, #""m""#]])
        #expect(sliced.pageFields == [#""m""#, #""x""#])
    }

    @Test func `an object further in can be the only record`() throws {
        let sliced = try Sliced(
            #"{"type":"charge.updated","data":{"object":{"id":"ch_1","amount":5}}}"#,
            .single(["data", "object"]),
            fields: [["id"]],
            page: [["type"], ["data"]]
        )
        #expect(sliced.records == [#"{"id":"ch_1","amount":5}"#])
        #expect(sliced.fields == [[#""ch_1""#]])
        #expect(sliced.pageFields == [#""charge.updated""#, #"{"object":{"id":"ch_1","amount":5}}"#])
    }

    @Test func `a plan without records reads page fields only`() throws {
        let sliced = try Sliced(#"{"a":[1,{"b":2}],"b":3}"#, .none, page: [["b"], ["a"], ["c"]])
        #expect(sliced.records.isEmpty)
        #expect(sliced.pageFields == ["3", #"[1,{"b":2}]"#, nil])
    }

    @Test func `fields are raw values, and absent ones are nil`() throws {
        let sliced = try Sliced(
            #"[{"id":"a\n","n":-1.0e+5,"meta":{"rev":7,"o":{}}},{"meta":3,"n":null},{}]"#,
            .array([]),
            fields: [["id"], ["n"], ["meta", "rev"], ["meta"], ["meta", "o"]]
        )
        #expect(
            sliced.fields == [
                [#""a\n""#, "-1.0e+5", "7", #"{"rev":7,"o":{}}"#, "{}"],
                [nil, "null", nil, "3", nil],
                [nil, nil, nil, nil, nil],
            ]
        )
    }

    @Test func `page fields are found before and behind the records`() throws {
        let fields = [["@odata.nextLink"], ["paging", "next", "after"], ["value"], ["total"]]
        let before = #"{"@odata.nextLink":"u","paging":{"next":{"after":"5"}},"total":2,"value":[1,2]}"#
        let behind = #"{"value":[1,2],"total":2,"paging":{"next":{"after":"5"}},"@odata.nextLink":"u"}"#
        for text in [before, behind] {
            let sliced = try Sliced(text, .array(["value"]), page: fields)
            #expect(sliced.records == ["1", "2"])
            #expect(sliced.pageFields == [#""u""#, #""5""#, "[1,2]", "2"])
        }
    }

    @Test func `of members with one name the last counts, with all below it`() throws {
        let fields = [["a"], ["b", "c"], ["b", "d"]]
        let sliced = try Sliced(
            #"[{"a":1,"b":{"c":1,"d":2},"a":2,"b":{"d":3}},{"b":{"c":1},"b":4}]"#,
            .array([]),
            fields: fields
        )
        #expect(sliced.fields == [["2", nil, "3"], [nil, nil, nil]])
    }

    @Test func `of record arrays with one name the last counts`() throws {
        #expect(try Sliced(#"{"r":[1,2,3],"r":[4]}"#, .array(["r"])).records == ["4"])
        #expect(try Sliced(#"{"d":{"r":[1,2,3]},"d":{"x":0}}"#, .array(["d", "r"])).records == [])
        let plan = SlicePlan(records: .array(["r"]))
        #expect(try RecordSlicer.slice(Array(#"{"r":[1],"r":7}"#.utf8), plan: plan).recordsFound == .other(.number))
    }

    @Test(arguments: [
        #"{"\u0069d":1}"#, #"{"i\u0064" : 1}"#, #"{ "\u0069\u0064" : 1 }"#, #"{  "x" : 0,   "i\u0064"   :   1  }"#,
    ])
    func `an escaped name is the name it spells`(record: String) throws {
        #expect(try Sliced("[\(record)]", .array([]), fields: [["id"]]).fields == [["1"]])
    }

    @Test func `names beyond ASCII, empty ones and ones with dots are found`() throws {
        let sliced = try Sliced(
            #"{"größe":1,"":2,"a.b":3,"\uD83D\uDE00":4,"日本":{"":5}}"#,
            .single([]),
            fields: [["größe"], [""], ["a.b"], ["😀"], ["日本", ""], ["a", "b"]]
        )
        #expect(sliced.fields == [["1", "2", "3", "4", "5", nil]])
    }

    @Test func `names that resemble a watched one are told from it`() throws {
        // One first letter and one length with `id`; then a first letter and a length that fall on the filter's same
        // bit: 7 times the letter plus the length is equal modulo 64.
        let text =
            #"[{"ip":{"id":1},"ib":[{"id":2}],"h23456789":3,"id":4,"":5,"i\u0070":[6],"iddd":7},{"ie":{}},{"":"id"}]"#
        #expect((UInt8(ascii: "h") &* 7 &+ 9) & 63 == (UInt8(ascii: "i") &* 7 &+ 2) & 63)
        #expect(try Sliced(text, .array([]), fields: [["id"]]).fields == [["4"], [nil], [nil]])
    }

    @Test func `pretty and compact pages give the same records and fields`() throws {
        let compact = #"{"d":[{"id":"a b","x":[1,{"y":[]}]},{"id":7,"x":{}}],"next":{"after":"q"}}"#
        let pretty = compact.flatMap { "{}[],:".contains($0) ? "\n      \($0)  " : "\($0)" }
        let fields = [["id"], ["x"]]
        let page = [["next", "after"], ["next"], ["d"]]
        #expect(
            try Sliced(String(pretty), .array(["d"]), fields: fields, page: page)
                == Sliced(compact, .array(["d"]), fields: fields, page: page)
        )
    }

    @Test func `white space around watched names does not blind the slicer`() throws {
        let text =
            "[\n\n{ \"a\"\n:\n1 ,\t\"identifier of some length\" \r\n : \"x y\" , \"id\"   : [ 1 , { } , [ ] ] } ]"
        let fields = [["id"], ["identifier of some length"], ["a"]]
        let sliced = try Sliced(text, .array([]), fields: fields)
        #expect(sliced.records == [#"{"a":1,"identifier of some length":"x y","id":[1,{},[]]}"#])
        #expect(sliced.fields == [["[1,{},[]]", #""x y""#, "1"]])
    }

    @Test func `a compact page is not moved, and a byte order mark is no part of it`() throws {
        let text = #"{"data":[{"id":"a b"}],"next":null}"#
        let plan = SlicePlan(records: .array(["data"]), pageFields: [["next"]])
        let page = try RecordSlicer.slice(Array(text.utf8), plan: plan)
        #expect(page.bytes == Array(text.utf8))
        let marked = try RecordSlicer.slice([0xEF, 0xBB, 0xBF] + Array("\n \(text) \n".utf8), plan: plan)
        #expect(marked.text(marked.recordBytes(0)) == #"{"id":"a b"}"#)
        #expect(try marked.text(#require(marked.pageField(0))) == "null")
        #expect(marked.text(marked.document) == text)
    }

    @Test(arguments: [
        (
            "{}", Page.RecordsFound.missing, SliceError.Code.recordsMissing,
            "the array of records at `d.results` is missing"
        ),
        (#"{"d":[]}"#, .missing, .recordsMissing, "the array of records at `d.results` is missing"),
        (#"{"d":{"results":null}}"#, .null, .recordsNull, "the array of records at `d.results` is null"),
        (
            #"{"d":{"results":{}}}"#, .other(.object), .recordsOfWrongType,
            "the array of records at `d.results` is an object"
        ),
        (
            #"{"d":{"results":"x"}}"#, .other(.string), .recordsOfWrongType,
            "the array of records at `d.results` is a string"
        ),
        (
            #"{"d":{"results":true}}"#, .other(.boolean), .recordsOfWrongType,
            "the array of records at `d.results` is a boolean"
        ),
    ])
    func `what is there instead of records is said`(
        text: String,
        found: Page.RecordsFound,
        code: SliceError.Code,
        reason: String
    ) throws {
        let page = try RecordSlicer.slice(Array(text.utf8), plan: SlicePlan(records: .array(["d", "results"])))
        #expect(page.recordsFound == found)
        #expect(page.recordCount == 0)
        let error = #expect(throws: SliceError.self) { try page.checkRecords(nullIsEmpty: false) }
        #expect(error?.code == code)
        #expect(error?.reason == reason)
        #expect(error?.description == "\(reason); the page begins `\(text)`")
    }

    @Test func `null can stand for no records`() throws {
        let page = try RecordSlicer.slice(Array(#"{"r":null}"#.utf8), plan: SlicePlan(records: .array(["r"])))
        try page.checkRecords(nullIsEmpty: true)
        #expect(throws: SliceError.self) { try page.checkRecords(nullIsEmpty: false) }
    }

    @Test func `an empty array is found`() throws {
        let page = try RecordSlicer.slice(Array(#"{"r":[ ]}"#.utf8), plan: SlicePlan(records: .array(["r"])))
        #expect(page.recordsFound == .found)
        try page.checkRecords(nullIsEmpty: false)
    }

    @Test func `too many records are refused before they take memory`() {
        var page = Array(repeatElement(",1".utf8, count: SlicePlan.recordsMaximum + 1).joined()) + "]".utf8
        page[0] = UInt8(ascii: "[")
        let error = #expect(throws: SliceError.self) {
            try RecordSlicer.slice(page, plan: SlicePlan(records: .array([])))
        }
        #expect(error?.code == .tooManyRecords)
        #expect(error?.offset == 2 * SlicePlan.recordsMaximum + 1)
    }
}
