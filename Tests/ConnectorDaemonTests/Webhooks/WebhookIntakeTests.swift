import ConnectorCore
import ConnectorDaemon
import Testing

@Suite(.timeLimit(.minutes(5)))
struct WebhookIntakeTests {
    @Test func `an event is durable before it is acknowledged, and its stream is told`() async throws {
        let stage = try EventStage()
        let answer = await stage.answer(Sender.request(Sender.event("e1")))
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"status":"queued"}"#)
        #expect(await stage.store.waitingCounts() == [EventStage.waiting: 1])
        #expect(stage.announced == [EventStage.waiting])
        let counts = try #require(stage.intake.counts["c"])
        #expect(counts.accepted == 1)
        #expect(counts.lastType == "thing.changed")
        #expect(counts.lastEvent == StillClocks().now)
    }

    @Test func `a repetition is acknowledged, and dropped`() async throws {
        let stage = try EventStage()
        await stage.take(Sender.event("e1"), Sender.event("e1"))
        #expect(await stage.waitingCount() == 1)
        #expect(stage.intake.counts["c"]?.duplicates == 1)
    }

    @Test func `an event that does nothing is acknowledged`() async throws {
        let stage = try EventStage()
        await stage.take(Sender.event("e1", type: "ping"))
        #expect(await stage.waitingCount() == 0)
        #expect(stage.announced == [])
    }

    @Test(arguments: [
        ("c", "POST", "wrong", Sender.event("e1"), 401), ("c", "POST", "", Sender.event("e1"), 401),
        ("c", "GET", "token-1", "", 405), ("c", "PUT", "token-1", Sender.event("e1"), 405),
        ("d", "POST", "token-1", Sender.event("e1"), 404), ("", "POST", "token-1", Sender.event("e1"), 404),
        ("c/x", "POST", "token-1", Sender.event("e1"), 404), ("c", "POST", "token-1", "{", 400),
        ("c", "POST", "token-1", #"{"id":"e1"}"#, 400),
    ])
    func `what is refused, and how`(
        connector: String,
        method: String,
        token: String,
        body: String,
        status: Int
    ) async throws {
        let stage = try EventStage()
        var request = Sender.request(body, to: connector, token: token)
        request.method = method
        let answer = await stage.answer(request)
        #expect(answer.status == status)
        #expect(answer.headers["Allow"] == (status == 405 ? "POST" : nil))
        #expect(await stage.waitingCount() == 0)
        #expect(stage.announced == [])
    }

    @Test func `requests for nobody are counted and logged, with a name that can't break the line`() async throws {
        let stage = try EventStage()
        for name in ["d", "x\u{1B}[2J"] { _ = await stage.answer(Sender.request("{}", to: name)) }
        #expect(stage.intake.refusedToNobody == 2)
        #expect(stage.intake.counts.keys.sorted() == ["c"])
        let told = stage.events.all.compactMap { event in
            if case .webhookRefused("-", _, "UNKNOWN", let reason, _) = event { reason } else { nil }
        }
        #expect(told.count == 1 && told[0].contains("no connector d has a webhook"))
    }

    @Test func `what the listener refuses by itself counts for the connector`() async throws {
        let stage = try EventStage()
        stage.intake.refused(path: "/webhooks/c", peer: "192.0.2.1", code: "TOO_LARGE", reason: "the body is too large")
        stage.intake.refused(path: "/webhooks/d", peer: "192.0.2.1", code: "TOO_LARGE", reason: "the body is too large")
        stage.intake.refused(path: "/elsewhere", peer: "192.0.2.1", code: "TOO_LARGE", reason: "the body is too large")
        #expect(stage.intake.counts["c"]?.refused == ["TOO_LARGE": 1])
        #expect(stage.intake.refusedToNobody == 1)
    }

    @Test func `a connector whose file has mistakes asks its sender to come again`() async throws {
        let stage = try EventStage()
        stage.intake.open([], closed: ["c"])
        let answer = await stage.answer(Sender.request(Sender.event("e1")))
        #expect(answer.status == 503 && answer.headers["Retry-After"] == "30")
        #expect(await stage.waitingCount() == 0)
    }

    @Test func `who may send without proof is of this machine, and comes through no proxy`() async throws {
        let unsigned: (inout WebhookRule) -> Void = { rule in
            rule.secrets = []
            rule.allowsUnsigned = true
        }
        var request = Sender.request(Sender.event("e1"))
        request.headers = [:]
        let believing = try EventStage(change: unsigned)
        #expect(await believing.answer(request).status == 200)
        request.headers = ["X-Forwarded-For": "192.0.2.1"]
        #expect(await believing.answer(request).status == 401)
        let wary = try EventStage(believesUnsigned: false, change: unsigned)
        request.headers = [:]
        #expect(await wary.answer(request).status == 401)
        let warnings = wary.events.all.filter { if case .configurationWarning = $0 { true } else { false } }
        #expect(warnings.count == 1)
    }

    @Test func `Xero's intent to receive is answered by the status alone`() async throws {
        let stage = try EventStage { rule in
            rule.scheme = .xero
            rule.secrets = [Secret("xero-key")]
            rule.events = ["events"]
        }
        let body = Array(#"{"events":[],"firstEventSequence":0,"lastEventSequence":0}"#.utf8)
        // printf '%s' BODY | openssl dgst -sha256 -hmac xero-key -binary | base64
        let proof = "gtLyY5jbQoJIsvpAbe3iP8oFhNcVart73kNN++vFFLU="
        for (signature, status) in [(proof, 200), ("AAAA" + proof.dropFirst(4), 401)] {
            let path = WebhookIntake.pathPrefix + "c"
            let request = WebhookRequest(path: path, headers: ["x-xero-signature": signature], body: body)
            let answer = await stage.answer(request)
            #expect(answer.status == status && answer.body.isEmpty)
        }
    }

    @Test func `a full inbox asks senders to wait, and takes again when there is room`() async throws {
        var limits = InboxLimits()
        limits.events = 1
        let stage = try EventStage(limits: limits)
        await stage.take(Sender.event("e1"))
        let answer = await stage.answer(Sender.request(Sender.event("e2")))
        #expect(answer.status == 503)
        #expect(answer.headers["Retry-After"] == "30")
        #expect(stage.intake.counts["c"]?.refused.values.reduce(0, +) == 1)
        _ = await stage.workOff()
        await stage.take(Sender.event("e2"))
    }

    @Test func `refusals are logged once a minute for a peer and reason, and counted always`() async throws {
        let stage = try EventStage()
        for _ in 1...5 { _ = await stage.answer(Sender.request("x", token: "wrong")) }
        var other = Sender.request("x", token: "wrong")
        other.peer = "192.0.2.1"
        _ = await stage.answer(other)
        let peers = stage.events.all.compactMap { event in
            if case .webhookRefused("c", let peer, _, _, let untold) = event { "\(peer) \(untold)" } else { nil }
        }
        #expect(peers == ["127.0.0.1 0", "192.0.2.1 0"])
        #expect(stage.intake.counts["c"]?.refused.values.reduce(0, +) == 6)
    }

    @Test func `strangers with many addresses fill no memory and no log`() async throws {
        let stage = try EventStage()
        for number in 0..<3_000 {
            var request = Sender.request("x", token: "wrong")
            request.peer = "peer-\(number)"
            _ = await stage.answer(request)
        }
        #expect(stage.events.all.count == 1_024)
        #expect(stage.intake.counts["c"]?.refused.values.reduce(0, +) == 3_000)
    }

    @Test func `a sender that asks first is answered, and brings no event`() async throws {
        let stage = try EventStage { $0.handshake = "validationToken" }
        var request = Sender.request("", token: "")
        request.query = [("validationToken", "abc")]
        let answer = await stage.answer(request)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "abc")
        #expect(await stage.waitingCount() == 0)
    }

    @Test func `a connector that is taken away is unknown from then on`() async throws {
        let stage = try EventStage()
        stage.intake.open([])
        #expect(await stage.answer(Sender.request(Sender.event("e1"))).status == 404)
    }

    @Test func `many at once are each taken once`() async throws {
        let stage = try EventStage()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask { await stage.take(Sender.event("e\(number % 250)", key: "\(number % 250)")) }
            }
        }
        #expect(await stage.waitingCount() == 250)
    }
}
