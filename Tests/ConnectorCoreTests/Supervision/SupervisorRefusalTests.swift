import ConnectorCore
import Testing

/// A refusal rests what it is about.
struct SupervisorRefusalTests {
    @Test func `a refusal of one stream leaves its sisters alone`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b"])
        #expect(table.end("a", .blocked("403")) == [])
        #expect(table.machine.state(of: "c") == .syncing)
        #expect(table.end("b") == [])
        #expect(table.machine.state(of: "c") == .idle)
        #expect(table.machine.blockedStreams == [id("a")])
        #expect(table.state("a")?.lastEnding == .blocked("403") && table.state("b")?.lastEnding == .succeeded)
        #expect(table.due("a") == 3600 && table.due("b") == 60)
        #expect(table.fire(at: 60) == ["b"])
        // Where each of them is refused, the connector is.
        #expect(table.end("b", .blocked("404")) == [])
        #expect(table.machine.state(of: "c") == .blocked("403"))
        #expect(table.machine.blockedStreams == [])
    }

    @Test func `a refused credential rests every stream that needs it, and no trigger wakes one`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b"])
        #expect(table.end("b") == [])
        #expect(table.end("a", .lockedOut("401")) == [])
        #expect(table.due("a") == 3600 && table.due("b") == 3600)
        #expect(table.state("b")?.lastEnding == .lockedOut("401"))
        #expect(table.trigger("b", at: 30) == [])
        #expect(table.machine.state(of: "c") == .blocked("401"))
        #expect(table.machine.blockedStreams == [])
    }

    @Test func `a credential that is taken again sets the sisters free at once`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, []), ("gone", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b", "gone"])
        #expect(table.end("gone", .blocked("404")) == [])
        #expect(table.end("b") == [])
        #expect(table.end("a", .lockedOut("401")) == [])
        #expect(table.fire(at: 120) == [])
        // A person asks for one of them.
        #expect(names(table.machine.request(id("a"), at: table.now)) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.machine.state(of: "c") == .idle)
        // What they missed meanwhile is owed to both; the one that is gone is another matter.
        #expect(table.fire(at: 121) == ["a", "b"])
        #expect(table.due("a") == 180 && table.due("gone") == 3600)
    }

    @Test func `a reload sets free what waits for a person, and changes nothing else`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, []), ("x/a", 60, []), ("x/b", 60, []), ("y/a", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b", "x/a", "x/b", "y/a"])
        #expect(table.end("a", .blocked("403")) == [])
        #expect(table.end("b") == [])
        #expect(table.end("x/a", .lockedOut("401")) == [])
        #expect(table.end("x/b") == [])
        #expect(table.end("y/a", .failed("500")) == [])
        table.machine.release(at: table.now)
        #expect(table.fire(at: 1) == ["a", "x/a", "x/b"])
        #expect(table.due("b") == 60 && table.due("y/a") == 60)
        #expect(table.machine.state(of: "c") == .syncing)
    }

    @Test func `a trouble of another kind ends the lock, and leaves the sisters their time`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b"])
        #expect(table.end("b") == [])
        #expect(table.end("a", .lockedOut("401")) == [])
        _ = table.machine.request(id("a"), at: table.now)
        #expect(table.end("a", .failed("500")) == [])
        #expect(table.machine.state(of: "c") == .backingOff("500"))
        #expect(table.due("b") == 3600)
    }
}
