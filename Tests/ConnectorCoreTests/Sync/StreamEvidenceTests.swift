import ConnectorCore
import Testing

struct StreamEvidenceTests {
    @Test func `what was learned survives a restart`() {
        var evidence = Machine.proven
        evidence.shortEnd = .broken
        evidence.endMark = .max
        evidence.remembersAll = true
        evidence.forgotten = 3
        evidence.namesNext = true
        evidence.hasNoPageBefore = true
        evidence.totalGap = 3
        evidence.missing = .init(generation: 4, since: Instant(seconds: 9), isEmpty: true)
        (evidence.candidate, evidence.candidateSince, evidence.final) = (7, Instant(seconds: 8), 6)
        evidence.trail = [1, 5]
        evidence.completeAt = Instant(seconds: 10)
        evidence.doubts = Doubt.Kind.allCases.map { Doubt($0, count: 2) } + []
        #expect(StreamEvidence(encoded: evidence.encoded) == evidence)
    }

    @Test(arguments: [nil, "", "[]", "{", "{\"order\":\"of another version\",\"doubts\":[{\"kind\":\"new\"}]}"])
    func `what can't be read is nothing known`(text: String?) {
        #expect(StreamEvidence(encoded: text) == StreamEvidence())
    }

    @Test func `nothing known is no text`() {
        #expect(StreamEvidence().encoded == nil)
    }

    @Test func `each doubt says what was seen, and most name the key to correct`() {
        for kind in Doubt.Kind.allCases {
            let doubt = Doubt(kind, count: 2)
            #expect(doubt.text.count > 40)
            #expect(!doubt.key.isEmpty || [.clockWentBack, .sourceAhead].contains(kind))
        }
        #expect(Set(Doubt.Kind.allCases.map { Doubt($0).text }).count == Doubt.Kind.allCases.count)
    }
}
