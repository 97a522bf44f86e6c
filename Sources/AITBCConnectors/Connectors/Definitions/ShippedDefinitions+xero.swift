// Made of config/definitions/xero.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let xero = #"""
        // Xero, Accounting API 2.0: what the daemon knows of it. Facts from developer.xero.com and Xero's OpenAPI.
        // A connector file names the organisation: settings: { tenant: "…" }. With a custom connection its token needs nobody.
        {
          kind: "erp",
          description: "Xero accounting",
          verified: "examples",
          api_version: "2.0",
          base_url: "https://api.xero.com/api.xro/2.0",
          required_settings: { tenant: "the organisation's id: tenantId in the answer of https://api.xero.com/connections" },
          auth_type: "oauth2",
          // A custom connection. Other apps write grant_type: "refresh_token" beside their token: each is exchanged at its use.
          auth_config: {
            grant_type: "client_credentials",
            token_url: "https://identity.xero.com/connect/token",
            client_secret_in: "header",
          },
          headers: { "Xero-Tenant-Id": "${settings.tenant}" },
          rate_limit: 1, // 60 a minute, 5,000 a day and organisation, 5 requests at a time
          burst_limit: 5,
          max_concurrent_streams: 2,
          check: { path: "/Organisation" },

          // The bound is a header, to the second, without a zone: UTC. Pages hold lines, which lists without pages leave out.
          defaults: {
            query: { order: "UpdatedDateUTC ASC" },
            paging: {
              style: "page",
              parameter: "page",
              size: { parameter: "pageSize", value: 100 },
              pages: "pagination.pageCount",
              total: "pagination.itemCount",
            },
            cursor: {
              field: "UpdatedDateUTC",
              format: "json_date",
              filter_format: "%Y-%m-%dT%H:%M:%S",
              order: "ascending",
              lookback: "10m",
              lower_headers: { "If-Modified-Since": "${cursor}" },
            },
          },

          // What is voided, deleted or archived stays listed, with its status: it is delivered as such.
          streams: {
            contacts: {
              path: "/Contacts", records: "Contacts", key: "ContactID", model: "customer",
              query: { includeArchived: "true" },
            },
            invoices: { path: "/Invoices", records: "Invoices", key: "InvoiceID", model: "invoice" },
            credit_notes: { path: "/CreditNotes", records: "CreditNotes", key: "CreditNoteID" },
            payments: { path: "/Payments", records: "Payments", key: "PaymentID" },
            bank_transactions: { path: "/BankTransactions", records: "BankTransactions", key: "BankTransactionID" },
            purchase_orders: { path: "/PurchaseOrders", records: "PurchaseOrders", key: "PurchaseOrderID" },
            overpayments: { path: "/Overpayments", records: "Overpayments", key: "OverpaymentID" },
            prepayments: { path: "/Prepayments", records: "Prepayments", key: "PrepaymentID" },
            // With `order` it ignores its pages.
            manual_journals: {
              path: "/ManualJournals", records: "ManualJournals", key: "ManualJournalID",
              query: { order: null },
              cursor: { order: "none" },
            },
            // These have no pages: a page parameter would repeat the list. What is deleted of them is gone: they are read whole.
            accounts: {
              path: "/Accounts", records: "Accounts", key: "AccountID", query: { order: null }, cursor: null,
              paging: { style: "none", parameter: null, size: null, pages: null, total: null },
            },
            items: {
              path: "/Items", records: "Items", key: "ItemID", model: "product", query: { order: null }, cursor: null,
              paging: { style: "none", parameter: null, size: null, pages: null, total: null },
            },
            tax_rates: {
              path: "/TaxRates", records: "TaxRates", key: "Name",
              query: { order: null },
              paging: { style: "none", parameter: null, size: null, pages: null, total: null },
              cursor: null,
            },
          },

          // Its events name records only; their lists are synced at once.
          webhook: {
            signature: "hmac",
            header: "x-xero-signature",
            encoding: "base64",
            events: "events",
            id: ["resourceId", "eventType", "eventDateUtc"],
            type: ["eventCategory", "eventType"],
            on: {
              "CONTACT.*": { sync: ["contacts"] },
              "INVOICE.*": { sync: ["invoices", "payments"] },
              "CREDITNOTE.*": { sync: ["credit_notes"] },
            },
            setup: "developer.xero.com, your app, Webhooks: this URL, and the events; copy the webhooks key",
          },

          // A refused token has other words than a refused request. 429 has no body; X-Rate-Limit-Problem says which limit it was.
          errors: {
            message: { any: ["Elements.0.ValidationErrors.0.Message", "Message", "Detail", "Title"] },
            code: { any: ["Type", "Title"] },
            credentials: ["Unauthorized", "AuthenticationUnsuccessful"],
          },

          // PUT creates, POST changes; both take and give lists of one. An entity type is a collection's name, Invoices.
          operations: {
            create_entity: {
              method: "PUT",
              path: "/${entity_type}",
              fields: "${rest}",
              idempotency: "Idempotency-Key",
            },
            update_entity: {
              path: "/${entity_type}/${id}",
              fields: "${rest}",
              idempotency: "Idempotency-Key",
            },
            retrieve_entity: { method: "GET", path: "/${entity_type}/${id}" },
            delete_entity: { path: "/${entity_type}/${id}", fields: { Status: "DELETED" }, idempotency: "Idempotency-Key" },
          },

          models: {
            customer: { id: "ContactID", name: "Name", email: "EmailAddress", updated_at: { path: "UpdatedDateUTC", format: "json_date" } },
            invoice: {
              id: "InvoiceID",
              amount: { path: "Total", format: "decimal", currency: "CurrencyCode" },
              currency: "CurrencyCode",
              status: "Status",
              updated_at: { path: "UpdatedDateUTC", format: "json_date" },
              customer_id: "Contact.ContactID",
            },
            product: { id: "ItemID", name: "Name", updated_at: { path: "UpdatedDateUTC", format: "json_date" } },
          },
        }
        """#
}
