// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the same strict settings; a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A module of our own: arrows point down, to the pure core (README, "Architecture").
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module, mirroring its tree.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The door to one C library: a module map and a `shim.h` for variadics and macros.
func door(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "aitbc-connectord",
    products: [
        .executable(name: "aitbc-connectord", targets: ["aitbc-connectord"]),
        .executable(name: "connector-sandbox", targets: ["ConnectorSandbox"]),
        .library(name: "AITBCConnectors", targets: ["AITBCConnectors", "AITBCConnectorsOldNames"]),
    ],
    targets: [
        door("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        door("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        door("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        door("CSystemd", pkgConfig: "libsystemd", package: "libsystemd-dev"),
        door("CMicroHTTPD", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),

        module("ConnectorCore"),
        module("FileSystem"),
        module("SerialQueue", ["ConnectorCore"]),
        module("ConnectorConfiguration", ["ConnectorCore"]),
        module("CurlTransport", ["ConnectorCore", "CCurl"]),
        module("ConnectorCrypto", ["ConnectorCore", "CCrypto"]),
        module("StateStore", ["ConnectorCore", "FileSystem", "SerialQueue", "CSQLite"]),
        module("SystemdService", ["ConnectorCore", "FileSystem", "CSystemd"]),
        module("HTTPListener", ["ConnectorCore", "CMicroHTTPD"]),
        module(
            "AITBCConnectors",
            [
                "ConnectorCore", "ConnectorConfiguration", "CurlTransport", "ConnectorCrypto", "FileSystem",
                "SerialQueue",
            ]
        ),
        module("AITBCConnectorsOldNames", ["AITBCConnectors"]),
        module(
            "ConnectorDaemon",
            ["ConnectorCore", "AITBCConnectors", "ConnectorCrypto", "FileSystem", "SerialQueue"]
        ),
        module(
            "ConnectorCommands",
            [
                "ConnectorCore", "ConnectorConfiguration", "AITBCConnectors", "ConnectorCrypto", "ConnectorDaemon",
                "CurlTransport", "FileSystem", "HTTPListener", "StateStore", "SystemdService",
            ]
        ),
        .executableTarget(name: "aitbc-connectord", dependencies: ["ConnectorCommands"], swiftSettings: strict),
        .executableTarget(
            name: "ConnectorSandbox",
            dependencies: ["ConnectorCore", "HTTPListener"],
            swiftSettings: strict
        ),

        tests("ConnectorCoreTests", ["ConnectorCore"]),
        tests("ConnectorConfigurationTests", ["ConnectorCore", "ConnectorConfiguration"]),
        tests("CurlTransportTests", ["ConnectorCore", "CurlTransport", "HTTPListener"]),
        tests("ConnectorCryptoTests", ["ConnectorCore", "ConnectorCrypto"]),
        tests(
            "AITBCConnectorsTests",
            [
                "ConnectorCore", "ConnectorConfiguration", "AITBCConnectors", "ConnectorCrypto", "CurlTransport",
                "FileSystem", "HTTPListener",
            ]
        ),
        tests("StateStoreTests", ["ConnectorCore", "StateStore"]),
        tests("SystemdServiceTests", ["ConnectorCore", "SystemdService"]),
        tests("HTTPListenerTests", ["ConnectorCore", "HTTPListener", "CurlTransport"]),
        tests(
            "ConnectorSandboxTests",
            ["ConnectorCore", "AITBCConnectors", "ConnectorSandbox", "HTTPListener", "CurlTransport"]
        ),
        tests("ConnectorDaemonTests", ["ConnectorCore", "AITBCConnectors", "ConnectorDaemon", "FileSystem"]),
        tests("FileSystemTests", ["FileSystem"]),
        tests("ConnectorCommandsTests", ["ConnectorCore", "ConnectorCommands"]),
        tests("SimulationTests", ["ConnectorCore", "AITBCConnectors", "ConnectorDaemon"]),
        tests("TidyTests", []),
    ]
)
