import ConnectorCore
import Testing

@testable import ConnectorConfiguration

/// Secrets that requests carry besides their proof.
@Suite struct SecretsTests {
    private func read(_ members: String) -> Reading {
        Reading(
            """
            { base_url: "https://a.example", auth_type: "none", \(members) }
            """
        )
    }

    private static let places = "secrets: { company: { credential: \"hex\" }, key: { credential: \"key\" } }"

    @Test func `reach query, headers, bodies and settings`() throws {
        let reading = read(
            """
            \(Self.places), settings: { tenant: "${secrets.company}", region: "eu" }, headers: { "X-Key": "k ${secrets.key}" },
            streams: { s: {
              method: "POST", path: "/${settings.region}/${settings.tenant}", query: { k: "${secrets.key}" },
              body: { company: "${secrets.company}", tenant: "${settings.tenant}" },
            } }
            """
        )
        #expect(reading.lines == [])
        let connector = try #require(reading.connector)
        let stream = try #require(connector.streams.first)
        let request = RequestBuilder(connector, stream).request(for: PageRequest(position: .first))
        let company = "44782DEF547AAA06C910C43932B1EB0C"
        #expect(request.url == "https://a.example/eu/\(company)?k=sk_test_0123")
        #expect(request.headers["X-Key"] == "k sk_test_0123")
        #expect(
            request.body.map { String(decoding: $0, as: UTF8.self) }
                == #"{"company":"\#(company)","tenant":"\#(company)"}"#
        )
        #expect(Set(connector.secrets.values.map { $0.reveal() }) == [company, "sk_test_0123"])
        #expect(!"\(connector)".contains("sk_test"))
    }

    @Test(arguments: [
        "headers: { \"X-Key\": \"${secrets.other}\" }", "settings: { a: \"${secrets.other}\" }",
        "streams: { s: { path: \"/x\", query: { k: \"${secrets.other}\" } } }",
    ])
    func `that are not there are named`(members: String) {
        let reading = read(
            "\(Self.places), \(members)\(members.hasPrefix("streams") ? "" : ", streams: { s: { path: \"/x\" } }")"
        )
        #expect(reading.lines.count == 1)
        #expect(reading.lines.first?.contains("add secrets: { other: { credential: \"NAME\" } }") == true)
    }

    @Test func `that are written out in headers and queries are known, and warned of`() throws {
        let reading = read(
            """
            headers: { "X-Api-Key": "k-0123456789", "X-Version": "2026-01-01" }, settings: { api_key: "s-0123456789" },
            streams: { s: { path: "/x", query: { access_token: "t-0123456789", fields: "id,key" } } },
            operations: { ask: { path: "/ask", headers: { Authorization: "Token o-0123456789" } } }
            """
        )
        let connector = try #require(reading.connector)
        let known = Dictionary(grouping: connector.credentials) { $0.name }.mapValues { $0.map { $0.secret.reveal() } }
        #expect(
            known == [
                "settings.api_key": ["s-0123456789"], "headers.X-Api-Key": ["k-0123456789"],
                "streams.s.query.access_token": ["t-0123456789"],
                "operations.ask.headers.Authorization": ["Token o-0123456789"],
                "operations.ask.headers.Authorization.1": ["o-0123456789"],
            ]
        )
        #expect(reading.lines.count == 4 && reading.lines.allSatisfy { $0.contains("looks like a credential") })
    }

    @Test func `that can't be read are named once`() {
        let reading = read(
            "secrets: { k: { credential: \"none\" } }, streams: { s: { path: \"/x\", query: { k: \"${secrets.k}\" } } }"
        )
        #expect(reading.lines.count == 1)
    }

    @Test func `two keys are two accounts`() throws {
        let one = try #require(read("\(Self.places), streams: { s: { path: \"/x\" } }").connector)
        var two = one
        two.secrets["secrets.key"] = Secret("sk_test_4567")
        #expect(one.account != two.account)
    }
}
