// Made by deploy/lib/embed-definitions.

/// The definitions that the daemon installs as files, for programs that have none.
package enum ShippedDefinitions {
    /// By file name, without the ending.
    package static let all = [
        "business-central": business_central,
        "chargebee": chargebee,
        "dynamics-fo": dynamics_fo,
        "odata": odata,
        "odoo": odoo,
        "quickbooks": quickbooks,
        "salesforce": salesforce,
        "shopify": shopify,
        "stripe": stripe,
        "tryton": tryton,
        "xero": xero,
    ]
}
