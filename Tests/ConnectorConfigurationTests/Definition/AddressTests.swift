import ConnectorConfiguration
import ConnectorCore
import Testing

/// Where a connector's server is: written, chosen among environments, or made with settings.
struct AddressTests {
    private static let environments =
        "environments: { production: \"https://${settings.site}.a.example/v2\", sandbox: \"https://${settings.site}-test.a.example/v2/\" }, "
        + "required_settings: { site: \"the name in your address\" }, auth_type: \"none\", streams: { s: { path: \"/s\" } }"

    private func reading(_ members: String) -> Reading { Reading("{ \(Self.environments), \(members) }") }

    @Test(
        arguments: [
            ("settings: { site: \"acme\" }", "https://acme.a.example/v2"),
            ("settings: { site: \"acme\" }, environment: \"production\"", "https://acme.a.example/v2"),
            ("settings: { site: \"acme\" }, environment: \"sandbox\"", "https://acme-test.a.example/v2"),
            (
                "settings: { site: \"acme\" }, base_url: \"https://proxy.example/${settings.site}\"",
                "https://proxy.example/acme"
            ),
        ]
    )
    func `an environment is chosen, settings are filled in, and what is written wins`(members: String, url: String) {
        let reading = reading(members)
        #expect(reading.lines == [])
        #expect(reading.connector?.baseURL.text(below: "") == url)
    }

    @Test(
        arguments: [
            ("", "settings: has no \"site\": the name in your address; add settings: { site: \"…\" }"),
            (
                "settings: { site: \"acme\" }, environment: \"test\"",
                "environment: \"test\" is none; known: \"production\", \"sandbox\""
            ),
            ("settings: { site: \"evil.example/\" }", "is filled with a setting that can't stand in an address"),
            ("settings: { site: \"a@evil.example\" }", "is filled with a setting that can't stand in an address"),
            (
                "settings: { site: \"..\" }, base_url: \"https://a.example/${settings.site}/x\"",
                "can't stand in an address"
            ),
            ("settings: { site: \"\" }", "is filled with a setting that can't stand in an address"),
            ("settings: { site: 7 }, base_url: \"https://${secrets.x}.example\"", "an address knows settings only"),
            ("settings: { site: 7 }, base_url: \"https://${settings.x\"", "has a placeholder that is not closed"),
        ]
    )
    func `what leads nowhere is refused`(members: String, words: String) {
        #expect(reading(members).lines.contains { $0.contains(words) }, "\(reading(members).lines)")
    }

    @Test(
        arguments: [
            ("https://login.example/${settings.tenant}/token", "https://login.example/t-1/token"),
            ("/oauth2/token", "https://a.example/api/oauth2/token"),
        ]
    )
    func `a token server's address may hold a setting, or be a path below the connector's`(url: String, whole: String) {
        let reading = Reading(
            """
            { base_url: "https://a.example/api", auth_type: "oauth2", settings: { tenant: "t-1" }, streams: { s: { path: "/s" } },
              auth_config: { grant_type: "client_credentials", token_url: "\(url)", client_id: "i", client_secret: "s" } }
            """
        )
        #expect(reading.lines.filter { !$0.contains("the secret stands in the file") } == [])
        guard case .oauth2(let rule) = reading.connector?.auth else { return #expect(Bool(false), "\(reading.lines)") }
        #expect(rule.tokenURL.text == whole)
    }

    @Test func `without environments there is none to choose`() {
        let lines = Reading.connector("base_url: \"https://a.example\", environment: \"sandbox\"").lines
        #expect(lines.contains { $0.contains("the definition knows no environments") }, "\(lines)")
    }
}
