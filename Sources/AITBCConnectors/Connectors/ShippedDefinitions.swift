/// The definitions that the daemon installs as files, for programs that have none.
package enum ShippedDefinitions {
    /// By file name, without the ending.
    package static let all = ["stripe": stripe, "tryton": tryton, "odata": odata]
}
