import ConnectorCore
import CurlTransport

/// nginx on three free ports: TLS with HTTP/2, TLS 1.2 only, and TLS 1.1 only.
struct TLSServer {
    static var isPossible: Bool {
        let missing = ["openssl", "nginx"].filter { Program.find($0) == nil }
        if !missing.isEmpty { print("skipped: \(missing) not installed") }
        return missing.isEmpty
    }

    private let folder: TemporaryFolder
    private let nginx: Program
    private let port: UInt16
    private let middlePort: UInt16
    private let oldPort: UInt16

    init() async throws {
        folder = try TemporaryFolder()
        try Self.makeCertificates(in: folder)
        (port, middlePort, oldPort) = (try Self.freePort(), try Self.freePort(), try Self.freePort())
        try folder.write("nginx.conf", Self.configuration(folder.path, port, middlePort, oldPort))
        nginx = try Program("nginx", ["-p", folder.path, "-c", "nginx.conf", "-e", "error.log"])
        try await waitUntilReady()
    }

    func url(_ host: String) -> String { "https://\(host):\(port)/" }

    /// TLS 1.2 only.
    var middleURL: String { "https://127.0.0.1:\(middlePort)/" }

    var oldURL: String { "https://127.0.0.1:\(oldPort)/" }

    func file(_ name: String) -> String { "\(folder.path)/\(name)" }

    func stop() throws {
        nginx.end()
        try folder.remove()
    }

    /// Asks until the port answers; 2 min at most.
    private func waitUntilReady() async throws {
        let transport = try CurlTransport()
        let start = ContinuousClock.now
        while await transport.attempt(TransportRequest(url: url("127.0.0.1"))).error?.code == .couldNotConnect {
            guard ContinuousClock.now - start < .seconds(120) else { throw SetupError(what: "nginx did not start") }
            try await Task.sleep(for: .milliseconds(5))
        }
        await transport.shutdown()
    }

    /// Below those that the kernel gives to connections, so that none of these takes it before nginx does.
    private static func freePort() throws -> UInt16 {
        for _ in 0..<1_000 {
            let port = UInt16.random(in: 20_000..<32_000)
            if RawServer.isFree(port) { return port }
        }
        throw SetupError(what: "no free port")
    }

    private static func makeCertificates(in folder: TemporaryFolder) throws {
        let path = folder.path
        let newKey = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        try Program.run(
            "openssl",
            newKey + ["-x509", "-subj", "/CN=test CA", "-keyout", "\(path)/ca.key", "-out", "\(path)/ca.pem"]
        )
        for name in ["server", "client"] {
            let signer = ["-x509", "-CA", "\(path)/ca.pem", "-CAkey", "\(path)/ca.key"]
            let subject = ["-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1"]
            let leaf = ["-addext", "basicConstraints=critical,CA:FALSE"]
            let files = ["-keyout", "\(path)/\(name).key", "-out", "\(path)/\(name).pem"]
            try Program.run("openssl", newKey + signer + subject + leaf + files)
        }
        let encrypt = ["pkcs8", "-topk8", "-in", "\(path)/client.key", "-out", "\(path)/encrypted.key"]
        try Program.run("openssl", encrypt + ["-passout", "pass:open sesame"])
    }

    private static func configuration(
        _ path: String,
        _ port: UInt16,
        _ middlePort: UInt16,
        _ oldPort: UInt16
    ) -> String {
        """
        daemon off;
        master_process off;
        pid \(path)/nginx.pid;
        error_log \(path)/error.log;
        events {}
        http {
            access_log off;
            client_body_temp_path \(path)/body;
            proxy_temp_path \(path)/proxy;
            fastcgi_temp_path \(path)/fastcgi;
            uwsgi_temp_path \(path)/uwsgi;
            scgi_temp_path \(path)/scgi;
            ssl_certificate \(path)/server.pem;
            ssl_certificate_key \(path)/server.key;
            server {
                listen 127.0.0.1:\(port) ssl http2;
                ssl_protocols TLSv1.2 TLSv1.3;
                ssl_client_certificate \(path)/ca.pem;
                ssl_verify_client optional;
                add_header X-Kept 1;
                location / { return 200 "$server_protocol $ssl_client_verify"; }
            }
            server {
                listen 127.0.0.1:\(middlePort) ssl;
                ssl_protocols TLSv1.2;
                location / { return 200 "$ssl_protocol"; }
            }
            server {
                listen 127.0.0.1:\(oldPort) ssl;
                ssl_protocols TLSv1.1;
                ssl_ciphers ALL:@SECLEVEL=0;
                location / { return 200 "old"; }
            }
        }

        """
    }
}
