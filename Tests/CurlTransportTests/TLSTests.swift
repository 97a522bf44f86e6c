import ConnectorCore
import CurlTransport
import Testing

/// Against nginx with a certificate authority made for the test.
@Suite struct TLSTests {
    @Test(.enabled(if: TLSServer.isPossible, "needs openssl and nginx"))
    func `an unknown authority is refused, a given one works, over HTTP 2, with a client certificate`() async throws {
        let server = try await TLSServer()
        let transport = try CurlTransport()

        let unknown = await transport.attempt(TransportRequest(url: server.url("127.0.0.1"), limits: .make())).error
        #expect(unknown?.code == .tlsFailed)
        #expect(unknown?.mayHaveBeenSent == false)

        let trusted = TLSFiles(certificateAuthority: server.file("ca.pem"))
        let known = try await transport.send(
            TransportRequest(url: server.url("127.0.0.1"), limits: .make(), tls: trusted)
        )
        #expect(known.text == "HTTP/2.0 NONE")
        #expect(known.headers["x-kept"] == "1")

        // The certificate names 127.0.0.1 only.
        let wrongName = TransportRequest(url: server.url("localhost"), limits: .make(), tls: trusted)
        #expect(await transport.attempt(wrongName).error?.code == .tlsFailed)

        let client = TLSFiles(
            certificate: server.file("client.pem"),
            key: server.file("client.key"),
            certificateAuthority: server.file("ca.pem")
        )
        let mutual = TransportRequest(
            method: "POST",
            url: server.url("127.0.0.1"),
            body: [1],
            limits: .make(),
            tls: client
        )
        #expect(try await transport.send(mutual).text == "HTTP/2.0 SUCCESS")

        let missing = TLSFiles(certificateAuthority: server.file("none.pem"))
        let absent = TransportRequest(url: server.url("127.0.0.1"), limits: .make(), tls: missing)
        #expect(await transport.attempt(absent).error?.code == .tlsFailed)

        // TLS 1.1 at most.
        let old = TransportRequest(url: server.oldURL, limits: .make(), tls: trusted)
        #expect(await transport.attempt(old).error?.code == .tlsFailed)

        let middle = TransportRequest(url: server.middleURL, limits: .make(), tls: trusted)
        #expect(try await transport.send(middle).text == "TLSv1.2")
        let newest = TLSFiles(certificateAuthority: server.file("ca.pem"), minimum: .tls13)
        let tooOld = TransportRequest(url: server.middleURL, limits: .make(), tls: newest)
        #expect(await transport.attempt(tooOld).error?.code == .tlsFailed)
        let new = TransportRequest(url: server.url("127.0.0.1"), limits: .make(), tls: newest)
        #expect(try await transport.send(new).text == "HTTP/2.0 NONE")

        await transport.shutdown()
        try server.stop()
    }

    @Test(.enabled(if: TLSServer.isPossible, "needs openssl and nginx"))
    func `the version that was agreed on is noted where that is asked for`() async throws {
        let server = try await TLSServer()
        let trusted = TLSFiles(certificateAuthority: server.file("ca.pem"))
        for notes in [true, false] {
            var configuration = CurlTransport.Configuration()
            configuration.notesHandshakes = notes
            let transport = try CurlTransport(configuration: configuration)
            for url in [server.middleURL, server.url("127.0.0.1"), server.url("127.0.0.1")] {
                _ = try await transport.send(TransportRequest(url: url, limits: .make(), tls: trusted))
            }
            #expect(transport.agreedTLS(at: server.middleURL) == (notes ? "TLSv1.2" : nil))
            #expect(transport.agreedTLS(at: server.url("127.0.0.1") + "/other?x=1") == (notes ? "TLSv1.3" : nil))
            #expect(transport.agreedTLS(at: "https://127.0.0.2") == nil)
            await transport.shutdown()
        }
        try server.stop()
    }

    @Test(.enabled(if: TLSServer.isPossible, "needs openssl and nginx"), .timeLimit(.minutes(5)))
    func `an encrypted key opens with its passphrase, and nobody is asked for one`() async throws {
        let server = try await TLSServer()
        // Each on an engine of its own: an open connection would be used again, whatever the key.
        for (passphrase, isRight) in [(nil, false), ("open", false), ("open sesame", true)] {
            let transport = try CurlTransport()
            let tls = TLSFiles(
                certificate: server.file("client.pem"),
                key: server.file("encrypted.key"),
                keyPassphrase: passphrase.map { Secret($0) },
                certificateAuthority: server.file("ca.pem")
            )
            let request = TransportRequest(url: server.url("127.0.0.1"), limits: .make(), tls: tls)
            if isRight {
                #expect(try await transport.send(request).text == "HTTP/2.0 SUCCESS")
            } else {
                #expect(await transport.attempt(request).error?.code == .tlsFailed)
            }
            await transport.shutdown()
        }
        try server.stop()
    }
}
