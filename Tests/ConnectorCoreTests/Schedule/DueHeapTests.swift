import ConnectorCore
import Testing

struct DueHeapTests {
    private func time(_ nanoseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds)
    }

    @Test func `entries come in order of their due time, and of their scheduling`() {
        var heap = DueHeap<String>()
        for (id, due) in [("c", 3), ("a", 1), ("b1", 2), ("b2", 2)] as [(String, Int64)] {
            heap.schedule(id, at: time(due))
        }
        var order: [String] = []
        while let entry = heap.popDue(at: time(3)) { order.append(entry.id) }
        #expect(order == ["a", "b1", "b2", "c"])
        #expect(heap.isEmpty)
    }

    @Test func `what is not due stays`() {
        var heap = DueHeap<Int>()
        heap.schedule(1, at: time(10))
        let early = heap.popDue(at: time(9))
        #expect(early == nil)
        #expect(heap.next?.id == 1)
        #expect(heap.due(of: 1) == time(10))
    }

    @Test func `scheduling again moves an entry`() {
        var heap = DueHeap<Int>()
        for id in 0..<10 { heap.schedule(id, at: time(Int64(id))) }
        heap.schedule(9, at: time(-1))
        heap.schedule(0, at: time(100))
        #expect(heap.next?.id == 9)
        #expect(heap.count == 10)
        let removed = [heap.remove(0), heap.remove(0)]
        #expect(removed == [time(100), nil])
    }

    @Test func `it agrees with a sorted list over thousands of changes`() {
        var generator = SeededGenerator(seed: 11)
        var heap = DueHeap<Int>()
        var model: [Int: Int64] = [:]
        for _ in 0..<20_000 {
            let id = Int.random(in: 0..<200, using: &generator)
            let due = Int64.random(in: 0..<1_000_000, using: &generator)
            switch generator.next() % 4 {
            case 0:
                let removed = heap.remove(id)
                #expect(removed?.nanoseconds == model.removeValue(forKey: id))
            case 1:
                guard let entry = heap.popDue(at: time(.max)) else { continue }
                #expect(entry.due.nanoseconds == model.values.min())
                #expect(model.removeValue(forKey: entry.id) == entry.due.nanoseconds)
            default:
                heap.schedule(id, at: time(due))
                model[id] = due
            }
            #expect(heap.count == model.count)
        }
        #expect(heap.next?.due.nanoseconds == model.values.min())
    }
}
