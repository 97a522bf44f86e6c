import ConnectorCore
import ConnectorCrypto

/// Audit records as a chain: each line bears the hash of the one before, so that none can be changed, left out or put in
/// between without all that follow being written anew.
struct AuditChain: Sendable, Equatable {
    /// What the first line bears.
    static let origin = String(repeating: "0", count: 64)

    /// Of the last line.
    private(set) var number: Int64 = 0
    private(set) var head = origin

    /// The line that the next record becomes, without its end.
    mutating func line(_ record: AuditRecord) throws -> [UInt8] {
        let body: [JSONValue.Member] = [
            .init("n", .number(String(number + 1))), .init("previous", .string(head)),
            .init("record", try JSONValueEncoder().encode(record)),
        ]
        let hash = Self.hash(body)
        (number, head) = (number + 1, hash)
        return JSONValue.object(body + [.init("hash", .string(hash))]).bytes
    }

    /// Goes on behind a line, wherever the chain begins. Throws a `Flaw` for a line that does not fit.
    mutating func follow(_ line: [UInt8], isFirst: Bool) throws(Flaw) {
        let link = try Self.read(line)
        if !isFirst {
            guard link.number == number + 1 else {
                throw Flaw("record \(link.number) stands where \(number + 1) should: records were removed or put in")
            }
            guard link.previous == head else {
                throw Flaw("record \(link.number) does not follow the one before: that one was written anew")
            }
        }
        (number, head) = (link.number, link.hash)
    }

    /// Why a line is not the one that was written.
    struct Flaw: Error {
        let problem: String

        init(_ problem: String) { self.problem = problem }
    }

    private struct Link {
        let number: Int64
        let previous: String
        let hash: String
    }

    private static func read(_ line: [UInt8]) throws(Flaw) -> Link {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line)
        } catch {
            throw Flaw("a line is no JSON: \(error)")
        }
        guard let members = value.members, members.map(\.name) == ["n", "previous", "record", "hash"],
            let number = value["n"]?.int64, let previous = value["previous"]?.string, let hash = value["hash"]?.string
        else { throw Flaw("a line is no audit record") }
        guard Self.hash(Array(members.dropLast())) == hash else {
            throw Flaw("record \(number) was changed: its hash is another")
        }
        return Link(number: number, previous: previous, hash: hash)
    }

    private static func hash(_ members: [JSONValue.Member]) -> String {
        HexText.text(MessageAuthentication.hash(JSONValue.object(members).bytes))
    }
}
