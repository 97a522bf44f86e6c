import ConnectorCore
import Testing

struct SupervisorMachineTests {
    @Test func `a stream runs at once, then by its schedule`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.machine.nextDue == table.now)
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.due("a") == 60)
        #expect(table.end("a") == [])
        #expect(table.fire(at: 59) == [])
        #expect(table.fire(at: 60) == ["a"])
    }

    @Test func `due times that pass during a run are run once, after it`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.fire(at: 60) == [])
        #expect(table.fire(at: 130) == [])
        #expect(table.fire(at: 200) == [])
        #expect(table.end("a") == ["a"])
        #expect(table.end("a") == [])
        #expect(table.due("a") == 240)
    }

    @Test func `a run's end that nobody knows of changes nothing`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        let first = table.machine.run(of: id("a"))
        #expect(table.end("a") == [])
        #expect(table.fire(at: 60) == ["a"])
        // Told twice: the place belongs to the next run by now.
        #expect(table.end(first, .lockedOut("x")).isEmpty)
        #expect(table.machine.runningStreams == [id("a")])
        #expect(table.machine.state(of: "c") == .syncing)
    }

    @Test(arguments: [SupervisorMachine.Ending.lockedOut("401"), .blocked("404"), .failed("500"), .interrupted])
    func `how a run of an old plan ends says nothing of the new one`(_ ending: SupervisorMachine.Ending) throws {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b"])
        let old = try #require(table.machine.run(of: id("a")))
        #expect(table.machine.isCurrent(old))
        _ = table.machine.remove(connector: "c")
        table.add([("a", 30, []), ("b", 30, [])])
        #expect(!table.machine.isCurrent(old))
        #expect(table.fire(at: 1) == [])
        #expect(names(table.end(old, ending)) == ["a"])
        #expect(table.state("a")?.lastEnding == nil && table.state("a")?.failures == 0)
        #expect(table.end("b", ending) == ["b"])
        // The credential of the new plan is another.
        #expect(table.machine.state(of: "c") == .syncing)
    }

    @Test func `a feed and the streams it writes into never run together`() {
        var table = SupervisorTable()
        table.add([("feed", 60, ["a", "b"]), ("a", 60, []), ("b", 60, []), ("other", 60, [])])
        #expect(table.fire(at: 0) == ["feed", "other"])
        #expect(table.end("feed") == ["a", "b"])
        #expect(table.fire(at: 60) == [])
        #expect(table.end("a") == [])
        #expect(table.end("b") == ["feed"])
    }

    @Test func `a feed is not starved by the streams it writes into`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 60, []), ("feed", 60, ["a", "b"])])
        #expect(table.fire(at: 0) == ["a", "b"])
        // The feed waits for both; a is due again, but younger than the feed.
        #expect(table.end("a") == [])
        #expect(table.fire(at: 60) == [])
        #expect(table.end("b") == ["feed"])
        #expect(table.end("feed") == ["a", "b"])
    }

    @Test func `runs are bounded over all connectors, and who waits longest is first`() {
        var table = SupervisorTable(maximumRuns: 2)
        for name in ["x/a", "y/a", "z/a"] { table.add(name) }
        #expect(table.fire(at: 0) == ["x/a", "y/a"])
        #expect(table.end("x/a") == ["z/a"])
        #expect(table.fire(at: 60) == [])
        #expect(table.end("y/a") == ["x/a"])
        #expect(table.end("z/a") == ["y/a"])
    }

    @Test func `a connector at its own bound keeps no other waiting`() {
        var table = SupervisorTable()
        table.machine.limit("c", to: 1)
        table.add([("a", 60, []), ("b", 60, []), ("d/a", 60, [])])
        #expect(table.fire(at: 0) == ["a", "d/a"])
        #expect(table.end("d/a") == [])
        #expect(table.end("a") == ["b"])
    }

    @Test func `a blocked stream is tried again once an hour, whatever its schedule`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.fire(at: 60) == [])
        #expect(table.end("a", .blocked("401")) == [])
        #expect(table.due("a") == 3660)
        #expect(table.fire(at: 3659) == [])
        #expect(table.fire(at: 3660) == ["a"])
        #expect(table.end("a", .blocked("401")) == [])
        #expect(table.due("a") == 7260)
        #expect(table.fire(at: 7260) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.due("a") == 7320)
    }

    @Test func `a failed stream is due by its schedule`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.end("a", .failed("500")) == [])
        #expect(table.due("a") == 60)
    }

    @Test func `states tell what a person wants to know first`() {
        var table = SupervisorTable()
        #expect(table.machine.state(of: "c") == .stopped)
        table.add([("a", 60, []), ("b", 60, [])])
        #expect(table.machine.state(of: "c") == .starting)
        #expect(table.fire(at: 0) == ["a", "b"])
        #expect(table.machine.state(of: "c") == .syncing)
        _ = table.end("a", .failed("timeout"))
        #expect(table.machine.state(of: "c") == .syncing)
        _ = table.end("b")
        #expect(table.machine.state(of: "c") == .backingOff("timeout"))
        _ = table.fire(at: 60)
        _ = table.end("a", .lockedOut("401"))
        _ = table.end("b", .interrupted)
        #expect(table.machine.state(of: "c") == .blocked("401"))
        _ = table.fire(at: 3660)
        _ = table.end("a")
        _ = table.end("b")
        #expect(table.machine.state(of: "c") == .idle)
    }

    @Test func `a connector that is removed stops its runs and is forgotten`() {
        var table = SupervisorTable()
        table.add([("a", 60, []), ("b", 3600, []), ("d/a", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b", "d/a"])
        #expect(table.end("b") == [])
        #expect(names(table.machine.remove(connector: "c")) == ["cancel a"])
        #expect(table.fire(at: 60) == [])
        #expect(table.end("a", .interrupted) == [])
        #expect(table.machine.state(of: "c") == .stopped)
        #expect(table.end("d/a") == ["d/a"])
        #expect(table.machine.runningStreams == [id("d/a")])
    }

    @Test func `a changed connector begins anew, but not before its old run has ended`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        #expect(names(table.machine.remove(connector: "c")) == ["cancel a"])
        table.add("a", every: 30)
        #expect(table.fire(at: 90) == [])
        #expect(table.end("a", .interrupted) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.due("a") == 120)
    }

    @Test func `a reload that changes what a feed writes into sets the old targets free`() {
        var table = SupervisorTable()
        table.add([("feed", 3600, ["a", "b"]), ("a", 60, []), ("b", 60, [])])
        #expect(table.fire(at: 0) == ["feed"])
        #expect(names(table.machine.remove(connector: "c")) == ["cancel feed"])
        table.add([("feed", 3600, ["a"]), ("a", 60, []), ("b", 60, [])])
        #expect(table.fire(at: 0) == [])
        #expect(table.end("feed", .interrupted) == ["feed", "b"])
        #expect(table.end("feed") == ["a"])
    }

    @Test func `draining starts nothing more, and is over when the last run is`() {
        var table = SupervisorTable(maximumRuns: 2)
        table.add([("a", 60, []), ("b", 60, []), ("waits", 60, [])])
        #expect(table.fire(at: 0) == ["a", "b"])
        #expect(names(table.machine.drain()) == ["cancel a", "cancel b"])
        #expect(names(table.machine.drain()) == [])
        #expect(table.machine.nextDue == nil)
        #expect(table.machine.state(of: "c") == .draining)
        #expect(table.fire(at: 600) == [])
        #expect(table.end("a", .interrupted) == [])
        #expect(table.end("b") == ["drained"])
        #expect(table.machine.state(of: "c") == .stopped)
    }

    @Test func `draining with nothing under way is over at once`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(names(table.machine.drain()) == ["drained"])
    }
}

/// A day of a busy installation, second by second of what happens.
struct SupervisorDayTests {
    private static let connectors = 300
    private static let day = Int64(86_400) * 1_000_000_000

    /// What the run of a stream writes into: the feed, also into both lists.
    private static func writes(_ stream: StreamID) -> Set<StreamID> {
        guard stream.stream == "feed" else { return [stream] }
        let lists = ["customers", "invoices"].map { StreamID(connector: stream.connector, stream: $0) }
        return Set(lists + [stream])
    }

    private static func machine(_ generator: inout SeededGenerator) -> SupervisorMachine {
        var machine = SupervisorMachine(maximumRuns: 16)
        for number in 0..<connectors {
            let name = "shop-\(number)"
            machine.limit(name, to: 2)
            let plans = [("feed", 600), ("customers", 1800), ("invoices", 3600)].map { stream, seconds in
                let id = StreamID(connector: name, stream: stream)
                let schedule = Schedule.every(.seconds(seconds), jitter: .seconds(30))
                return SupervisorMachine.Plan(stream: id, schedule: schedule, writes: writes(id))
            }
            machine.add(plans, wall: Instant(seconds: 0), monotonic: .init(nanoseconds: 0), using: &generator)
        }
        return machine
    }

    @Test func `a day of 300 connectors keeps every promise`() {
        var generator = SeededGenerator(seed: 20_261_123)
        var machine = Self.machine(&generator)
        var now = MonotonicInstant(nanoseconds: 0)
        var ends = DueHeap<StreamID>()
        var running: Set<StreamID> = []
        var written: Set<StreamID> = []
        var runs: [StreamID: Int] = [:]
        var broken: [String] = []
        var most = 0
        var numbers: [StreamID: SupervisorMachine.Run] = [:]

        func take(_ actions: [SupervisorMachine.Action]) {
            for case .start(let run) in actions {
                let stream = run.stream
                numbers[stream] = run
                let writes = Self.writes(stream)
                if !running.insert(stream).inserted { broken.append("\(stream) runs twice") }
                if !written.isDisjoint(with: writes) { broken.append("\(stream) writes where another does") }
                written.formUnion(writes)
                runs[stream, default: 0] += 1
                let beside = running.count { $0.connector == stream.connector }
                if beside > 2 { broken.append("\(stream.connector) has \(beside) runs") }
                // Most runs take a second or two; one in a thousand hangs for a quarter of an hour.
                let hangs = Int.random(in: 0..<1000, using: &generator) == 0
                let length = Duration.milliseconds(hangs ? 900_000 : Int.random(in: 100...4_000, using: &generator))
                ends.schedule(stream, at: now + length)
            }
            most = max(most, running.count)
        }

        while now.nanoseconds < Self.day {
            let due = machine.nextDue
            if let end = ends.next, due.map({ end.due <= $0 }) ?? true {
                now = end.due
                ends.remove(end.id)
                running.remove(end.id)
                written.subtract(Self.writes(end.id))
                let fails = Int.random(in: 0..<500, using: &generator) == 0
                guard let run = numbers.removeValue(forKey: end.id) else { continue }
                take(machine.runEnded(run, fails ? .failed("500") : .succeeded, at: now, using: &generator))
            } else if let due {
                now = max(now, due)
                take(machine.timerFired(wall: Instant(nanoseconds: now.nanoseconds), monotonic: now, using: &generator))
            } else {
                broken.append("nothing is ever due again")
                break
            }
        }
        #expect(broken == [])
        #expect(most <= 16)
        #expect(runs.count == 3 * Self.connectors)
        // 144, 48 and 24 slots a day; a hanging run may cost one or two of its own.
        for (stream, slots) in [("feed", 144), ("customers", 48), ("invoices", 24)] {
            let counts = runs.filter { $0.key.stream == stream }.values
            #expect(counts.allSatisfy { $0 >= slots - 6 && $0 <= slots + 1 })
        }
    }

    @Test func `a stream without schedule runs only when it is triggered`() {
        var table = SupervisorTable()
        table.addOnDemand("a")
        #expect(table.machine.nextDue == nil)
        #expect(table.machine.state(of: "c") == .idle)
        #expect(table.trigger("a", at: 1) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.trigger("a", at: 1) == ["a"])
    }

    @Test func `a trigger during a run leads to one more run`() {
        var table = SupervisorTable()
        table.addOnDemand("a")
        #expect(table.trigger("a", at: 1) == ["a"])
        #expect(table.trigger("a", at: 1) == [])
        #expect(table.trigger("a", at: 1) == [])
        #expect(table.end("a") == ["a"])
        #expect(table.end("a") == [])
    }

    @Test func `what failed waits for its time, however often it is triggered`() {
        var table = SupervisorTable()
        table.addOnDemand("a")
        #expect(table.trigger("a", at: 1) == ["a"])
        #expect(table.end("a", .failed("x")) == [])
        let due = table.due("a") ?? 0
        #expect((1...4).contains(due))
        #expect(table.trigger("a", at: 1) == [])
        #expect(table.fire(at: Int(due) + 1) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.due("a") == nil)
    }

    @Test func `waits after failures grow`() {
        var table = SupervisorTable()
        table.addOnDemand("a")
        #expect(table.trigger("a", at: 0) == ["a"])
        var last = 0
        for _ in 1...6 {
            #expect(table.end("a", .failed("x")) == [])
            last = Int(table.due("a") ?? 0) + 1
            #expect(table.fire(at: last) == ["a"])
        }
        #expect(last > 20)
    }

    @Test func `a stream with a schedule is triggered at most every five seconds`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.trigger("a", at: 2) == [])
        #expect(table.trigger("a", at: 3) == [])
        #expect(table.due("a") == 5)
        #expect(table.fire(at: 5) == ["a"])
        #expect(table.end("a") == [])
        #expect(table.due("a") == 60)
        #expect(table.trigger("a", at: 30) == ["a"])
    }

    @Test func `a trigger does not wake what only a person can help`() {
        var table = SupervisorTable()
        table.add("a")
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.end("a", .blocked("x")) == [])
        #expect(table.trigger("a", at: 30) == [])
    }

    @Test func `a refused credential does not stop events, which need none`() {
        var table = SupervisorTable()
        table.add("a")
        table.addOnDemand("b")
        #expect(table.fire(at: 0) == ["a"])
        #expect(table.end("a", .lockedOut("x")) == [])
        #expect(table.trigger("b", at: 1) == ["b"])
    }

    @Test func `nothing is triggered while the service stops, nor what nobody knows`() {
        var table = SupervisorTable()
        table.addOnDemand("a")
        #expect(table.trigger("b", at: 1) == [])
        _ = table.machine.drain()
        #expect(table.trigger("a", at: 1) == [])
    }
}
