package import ConnectorCore

/// An exchange with an API as its vendor documents it, and what a definition must make of it: proof without a network.
package struct DefinitionExample: Sendable {
    package var name: String
    package var location: SourceLocation
    package var subject: Subject
    /// Nil where it is not looked at.
    package var request: Request?
    package var answer: TransportResponse?
    package var expected: Expected

    package enum Subject: Sendable {
        /// A page of a stream: where in the list it is, and the bounds that are asked for.
        case page(stream: String, at: PagePosition, lower: Bound?, upper: Bound?)
        case operation(String, data: JSONValue, key: String?)
        /// What a webhook sends.
        case event(headers: TransportHeaders, query: [(name: String, value: String)], body: [UInt8])
    }

    /// A time or a number, in words that do not depend on the API's format.
    package enum Bound: Sendable, Equatable {
        case time(Instant)
        case number(Int64)

        /// In the unit of a cursor; nil where it is of the other kind.
        package func value(of format: CursorFormat) -> Int64? {
            switch self {
            case .time(let instant): format.isTime ? instant.nanoseconds : nil
            case .number(let number): format.isTime ? nil : number
            }
        }
    }

    /// All of it is compared, but for headers, of which those that are named are.
    package struct Request: Sendable {
        package var method: String?
        /// Below the base URL.
        package var path: String?
        package var query: [(name: String, value: String)]
        package var headers: [(name: String, value: String)]
        /// A text where the body is none of JSON.
        package var body: JSONValue?
    }

    /// Nil, or an absent list, is not looked at.
    package struct Expected: Sendable {
        /// Keys of the records that are delivered, in order.
        package var records: [JSONValue]?
        /// Keys of those that the page says are gone.
        package var deleted: [JSONValue]
        /// What events carry, or a webhook's do.
        package var effects: [Effect]?
        /// The highest cursor value of the page.
        package var cursor: Bound?
        package var next: Next?
        /// What kind of failure the answer is, or the code of an operation's error.
        package var failure: String?
        /// Of the first record's model, or of the operation's result: these members.
        package var result: JSONValue?
    }

    package enum Next: Sendable, Equatable {
        case end
        case at(PagePosition)
    }

    /// What becomes of one event.
    package struct Effect: Sendable, Equatable {
        /// Nil for an event that brings no record.
        package var stream: String?
        package var isDelete: Bool
        package var key: JSONValue?
        /// Streams that are synced early.
        package var syncs: [String]

        package init(stream: String?, isDelete: Bool, key: JSONValue?, syncs: [String]) {
            (self.stream, self.isDelete, self.key, self.syncs) = (stream, isDelete, key, syncs)
        }
    }
}

/// A file of examples: what a connector file would say beside `definition`, and the examples.
package struct ExampleFile: Sendable {
    package var connector: LocatedValue?
    package var examples: [DefinitionExample]
}
