import AITBCConnectors

/// The program's version is the SDK's: one package, one number.
package enum Version {
    package static let text = AITBCSDK.version
}
