// Made of config/definitions/chargebee.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let chargebee = #"""
        // Chargebee, API v2 (Product Catalog 2.0): what the daemon knows of it. Facts from apidocs.chargebee.com.
        // A connector file names the site: settings: { site: "acme" }; environment: "sandbox" picks its test site.
        {
          kind: "payment",
          description: "Chargebee subscriptions and billing",
          verified: "examples",
          api_version: "v2",
          environments: {
            production: "https://${settings.site}.chargebee.com/api/v2",
            sandbox: "https://${settings.site}-test.chargebee.com/api/v2",
          },
          required_settings: { site: "the name of your site, acme in https://acme.chargebee.com" },
          auth_type: "basic", // the key is the user, without a password
          rate_limit: 2, // 150 to 500 a minute by plan, beside a cap on requests at a time
          max_concurrent_streams: 2,
          check: { path: "/customers?limit=1" },

          // Each element wraps the record under its kind, sometimes with others beside it (a customer's card). `updated_at` moves
          // with every change; its filter is exclusive and knows seconds. What was deleted is listed where that is asked for.
          defaults: {
            records: "list",
            key: "id",
            query: { "sort_by[asc]": "updated_at", include_deleted: "true" },
            deleted: { field: "deleted" },
            paging: { style: "token", parameter: "offset", next: "next_offset", size: { parameter: "limit", value: 100 } },
            cursor: {
              field: "updated_at",
              format: "unix",
              order: "ascending",
              lookback: "2m", // also for the exclusive bound
              lower: { "updated_at[after]": "${cursor}" },
            },
          },

          streams: {
            customers: { path: "/customers", record: "customer", model: "customer" },
            subscriptions: { path: "/subscriptions", record: "subscription", model: "subscription" },
            invoices: { path: "/invoices", record: "invoice", model: "invoice" },
            transactions: { path: "/transactions", record: "transaction" },
            orders: { path: "/orders", record: "order" },
            // These have no `include_deleted` in the reference: what is archived stays listed with its status.
            items: {
              path: "/items", record: "item", query: { include_deleted: null }, deleted: null, resync: { every: "7d" },
            },
            item_prices: {
              path: "/item_prices", record: "item_price", query: { include_deleted: null }, deleted: null, resync: { every: "7d" },
            },
            // Their references name no sorting by the time of a change: the order is not relied on.
            credit_notes: {
              path: "/credit_notes", record: "credit_note", query: { "sort_by[asc]": null }, cursor: { order: "none" },
            },
            payment_sources: {
              path: "/payment_sources", record: "payment_source",
              query: { "sort_by[asc]": null },
              cursor: { order: "none" },
            },
            coupons: {
              path: "/coupons", record: "coupon", query: { include_deleted: null }, deleted: null, resync: { every: "7d" },
              cursor: { order: "none" },
            },
          },

          // Chargebee doesn't sign: the URL's own user and password prove the sender (Settings, Webhooks, "protected by basic
          // authentication"). The secret is what stands behind "Basic ", base64 of user:password.
          webhook: {
            signature: "token",
            header: "Authorization",
            prefix: "Basic ",
            id: "id",
            type: "event_type",
            version: { field: "occurred_at", format: "unix" },
            on: {
              customer_deleted: { delete: "customers", object: "content.customer" },
              "customer_*": { upsert: "customers", object: "content.customer" },
              subscription_deleted: { delete: "subscriptions", object: "content.subscription" },
              "subscription_*": { upsert: "subscriptions", object: "content.subscription" },
              invoice_deleted: { delete: "invoices", object: "content.invoice" },
              "invoice_*": { upsert: "invoices", object: "content.invoice" },
              credit_note_deleted: { delete: "credit_notes", object: "content.credit_note" },
              "credit_note_*": { upsert: "credit_notes", object: "content.credit_note" },
              "payment_source_*": { sync: ["payment_sources"] },
              payment_succeeded: { upsert: "transactions", object: "content.transaction", sync: ["invoices"] },
              payment_failed: { upsert: "transactions", object: "content.transaction", sync: ["invoices"] },
              payment_refunded: { upsert: "transactions", object: "content.transaction", sync: ["invoices"] },
            },
            setup: "Settings, Configure Chargebee, Webhooks: this URL, API version 2, protected by basic authentication",
          },

          errors: {
            message: "message",
            code: "api_error_code",
            credentials: ["api_authentication_failed", "api_authorization_failed"],
            throttled: ["api_request_limit_exceeded", "third_party_api_request_limit_exceeded", "too_many_concurrent_requests"],
            transient: ["lock_timeout", "internal_error", "internal_temporary_error"],
            // What a stale offset is answered with is not documented.
            position_lost: [{ code: "param_wrong_value", message: "offset" }],
          },

          // Forms. A repetition with the same key within a while gives the first answer.
          operations: {
            create_customer: {
              path: "/customers",
              body: "form",
              fields: { email: "${email}", first_name: "${name}" },
              other_fields: "send",
              idempotency: "chargebee-idempotency-key",
              result: "customer",
              returns: "customer",
            },
            create_refund: {
              path: "/invoices/${charge}/refund",
              body: "form",
              fields: { refund_amount: "${amount}", comment: "${reason}" },
              other_fields: "send",
              idempotency: "chargebee-idempotency-key",
              result: "credit_note",
              returns: "refund",
            },
            cancel_subscription: {
              path: "/subscriptions/${subscription}/cancel_for_items",
              body: "form",
              fields: { cancel_option: "end_of_term" },
              idempotency: "chargebee-idempotency-key",
              result: "subscription",
              returns: "subscription",
              variants: { at_period_end: { "false": "cancel_subscription_now" } },
            },
            cancel_subscription_now: {
              path: "/subscriptions/${subscription}/cancel_for_items",
              body: "form",
              fields: { cancel_option: "immediately" },
              idempotency: "chargebee-idempotency-key",
              result: "subscription",
              returns: "subscription",
            },
            retrieve_customer: { method: "GET", path: "/customers/${id}", result: "customer", returns: "customer" },
            retrieve_subscription: {
              method: "GET", path: "/subscriptions/${id}", result: "subscription", returns: "subscription",
            },
          },

          models: {
            customer: {
              id: "id",
              email: "email",
              name: ["first_name", "company"],
              created_at: { path: "created_at", format: "unix" },
              metadata: "meta_data",
            },
            // Several items are possible: the first one's price is the subscription's.
            subscription: {
              id: "id",
              status: "status",
              created_at: { path: "created_at", format: "unix" },
              updated_at: { path: "updated_at", format: "unix" },
              current_period_start: [
                { path: "current_term_start", format: "unix" }, { path: "trial_start", format: "unix" },
                { path: "created_at", format: "unix" },
              ],
              current_period_end: [
                { path: "current_term_end", format: "unix" }, { path: "trial_end", format: "unix" },
                { path: "created_at", format: "unix" },
              ],
              customer_id: "customer_id",
              metadata: "meta_data",
              amount: ["subscription_items.0.amount", "subscription_items.0.unit_price"],
              currency: "currency_code",
              interval: "billing_period_unit",
              interval_count: "billing_period",
              trial_start: { path: "trial_start", format: "unix" },
              trial_end: { path: "trial_end", format: "unix" },
              canceled_at: { path: "cancelled_at", format: "unix" },
            },
            invoice: {
              id: "id",
              amount: "total",
              currency: "currency_code",
              status: "status",
              created_at: { path: "date", format: "unix" },
              updated_at: { path: "updated_at", format: "unix" },
            },
            // A refund of an invoice is a credit note with the refund in it.
            refund: {
              id: "id",
              amount: ["amount_refunded", "total"],
              currency: "currency_code",
              status: "status",
              created_at: { path: "date", format: "unix" },
              updated_at: { path: "updated_at", format: "unix" },
              charge_id: "reference_invoice_id",
              reason: "reason_code",
            },
          },
        }
        """#
}
