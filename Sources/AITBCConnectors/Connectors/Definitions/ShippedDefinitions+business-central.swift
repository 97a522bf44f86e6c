// Made of config/definitions/business-central.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let business_central = #"""
        // Dynamics 365 Business Central, API v2.0: what the daemon knows of it. Facts from learn.microsoft.com.
        // A connector file names tenant, environment and company; one connector a company.
        {
          kind: "erp",
          description: "Dynamics 365 Business Central",
          verified: "examples",
          api_version: "v2.0",
          environments: {
            production: "https://api.businesscentral.dynamics.com/v2.0/${settings.tenant}/production/api/v2.0/companies(${settings.company})",
            sandbox: "https://api.businesscentral.dynamics.com/v2.0/${settings.tenant}/sandbox/api/v2.0/companies(${settings.company})",
          },
          required_settings: {
            tenant: "the directory (tenant) id in Entra",
            company: "the company's id: `id` in the answer of …/api/v2.0/companies",
          },
          auth_type: "oauth2",
          auth_config: {
            grant_type: "client_credentials",
            token_url: "https://login.microsoftonline.com/${settings.tenant}/oauth2/v2.0/token",
            client_secret_in: "form",
            scope: "https://api.businesscentral.dynamics.com/.default",
          },
          rate_limit: 15, // 6,000 in five minutes and user
          max_concurrent_streams: 4,
          // A page is the server's; a replica answers what is only read.
          headers: { Prefer: "odata.maxpagesize=1000", "Data-Access-Intent": "ReadOnly" },
          check: { path: "/customers?$top=1" },

          // Deletions are not shown by the lists: by reading all. Document lines: $expand, such as salesInvoiceLines.
          defaults: {
            records: "value",
            key: "id",
            query: { $orderby: "lastModifiedDateTime" },
            paging: { style: "link", next: ["@odata.nextLink"] },
            cursor: {
              field: "lastModifiedDateTime",
              format: "iso8601",
              order: "ascending",
              lookback: "10m",
              lower: { $filter: "lastModifiedDateTime ge ${cursor}" },
            },
            resync: { every: "7d" },
          },

          streams: {
            customers: { path: "/customers", model: "customer" },
            vendors: { path: "/vendors" },
            items: { path: "/items", model: "product" },
            accounts: { path: "/accounts" },
            sales_orders: { path: "/salesOrders", model: "order" },
            sales_invoices: { path: "/salesInvoices", model: "invoice" },
            sales_credit_memos: { path: "/salesCreditMemos" },
            purchase_invoices: { path: "/purchaseInvoices" },
            journals: { path: "/journals" },
            general_ledger_entries: { path: "/generalLedgerEntries" },
          },

          // Its events name records only; their lists are synced at once. A subscription ends after three days: it is to be renewed
          // from outside (PATCH).
          webhook: {
            signature: "token_body",
            path: "value.clientState",
            handshake: "validationToken",
            events: "value",
            id: ["resource", "changeType", "lastModifiedDateTime"],
            type: "changeType",
            // The type says what happened, and the resource in a URL to what: all that is read looks.
            on: { "*": { sync: ["customers", "vendors", "items", "sales_orders", "sales_invoices", "sales_credit_memos", "purchase_invoices", "general_ledger_entries"] } },
            setup: "POST …/api/v2.0/subscriptions with notificationUrl (this URL), resource and clientState (the secret)",
          },

          errors: {
            message: "error.message",
            code: "error.code",
            credentials: ["Authentication_*"],
            throttled: ["Application_TooManyRequests"],
            transient: ["Internal_*"],
          },

          // An entity type is a set's name, customers. An `etag` in the data makes sure that nobody changed it meanwhile.
          operations: {
            create_entity: { path: "/${entity_type}", fields: "${rest}", etag: "ETag", etag_path: ["@odata.etag"] },
            update_entity: {
              method: "PATCH", path: "/${entity_type}(${id})", headers: { "If-Match": "${if_match}" }, fields: "${rest}",
              etag: "ETag", etag_path: ["@odata.etag"],
            },
            retrieve_entity: { method: "GET", path: "/${entity_type}(${id})", etag: "ETag", etag_path: ["@odata.etag"] },
            delete_entity: { method: "DELETE", path: "/${entity_type}(${id})", headers: { "If-Match": "${if_match}" } },
          },

          models: {
            customer: {
              id: "id", name: "displayName", email: "email", updated_at: { path: "lastModifiedDateTime", format: "iso8601" },
            },
            order: {
              id: "id", status: "status", customer_id: "customerId", currency: "currencyCode",
              amount: { path: "totalAmountIncludingTax", format: "decimal", currency: "currencyCode" },
              updated_at: { path: "lastModifiedDateTime", format: "iso8601" },
            },
            invoice: {
              id: "id", status: "status", customer_id: "customerId", currency: "currencyCode",
              amount: { path: "totalAmountIncludingTax", format: "decimal", currency: "currencyCode" },
              updated_at: { path: "lastModifiedDateTime", format: "iso8601" },
            },
            product: { id: "id", name: "displayName", updated_at: { path: "lastModifiedDateTime", format: "iso8601" } },
          },
        }
        """#
}
