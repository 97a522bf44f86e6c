/// The program's version, the one place that knows it (semantic versioning).
package enum Version {
    package static let text = "0.1.0"
}
