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
        "sap-s4hana": sap_s4hana,
        "shopify": shopify,
        "stripe": stripe,
        "tryton": tryton,
        "xero": xero,
    ]
}
