// Made of config/definitions/stripe.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let stripe = #"""
        // Stripe: what the daemon knows of its API. Facts from docs.stripe.com/api (pagination, events, errors, rate limits).
        // A connector file may override any part of this.
        {
          kind: "payment",
          description: "Stripe payments",
          verified: "examples",
          api_version: "2024-06-20",
          base_url: "https://api.stripe.com",
          auth_type: "bearer",
          rate_limit: 20, // requests a second; Stripe allows 25 in a sandbox and per endpoint, 100 in live mode
          max_concurrent_streams: 4,
          headers: { "Stripe-Version": "2024-06-20" },
          check: { path: "/v1/balance" },

          // Lists come newest first; `starting_after` continues behind a record. `created` never changes, so changes to
          // existing records come through the `events` stream.
          defaults: {
            records: "data",
            key: "id",
            paging: {
              style: "after_last",
              parameter: "starting_after",
              field: "id",
              more: "has_more",
              size: { parameter: "limit", value: 100 },
            },
            cursor: {
              field: "created",
              format: "unix",
              order: "descending",
              lookback: "5m",
              lower: { "created[gte]": "${cursor}" },
              upper: { "created[lt]": "${until}" },
            },
          },

          streams: {
            // The event log of the last 30 days: carries changes and deletions into the streams below.
            events: {
              path: "/v1/events",
              cursor: { start_now: true, lookback: "10m" },
              feed: {
                type: "type",
                object: "data.object",
                key: "data.object.id",
                routes: {
                  charge: "charges",
                  "charge.refund": "refunds",
                  refund: "refunds",
                  customer: "customers",
                  payment_intent: "payment_intents",
                  invoice: "invoices",
                  "customer.subscription": "subscriptions",
                  product: "products",
                  price: "prices",
                  "charge.dispute": "disputes",
                  payout: "payouts",
                },
                deletes: ["customer.deleted", "invoice.deleted", "product.deleted", "price.deleted"],
              },
            },
            charges: { path: "/v1/charges", model: "charge" },
            refunds: { path: "/v1/refunds", model: "refund" },
            customers: { path: "/v1/customers", model: "customer" },
            payment_intents: { path: "/v1/payment_intents" },
            invoices: { path: "/v1/invoices", model: "invoice" },
            // Cancelled ones are only listed on request.
            subscriptions: { path: "/v1/subscriptions", query: { status: "all" }, model: "subscription" },
            products: { path: "/v1/products", model: "product" },
            prices: { path: "/v1/prices" },
            balance_transactions: { path: "/v1/balance_transactions" },
            disputes: { path: "/v1/disputes" },
            payouts: { path: "/v1/payouts" },
          },

          // For connector files with `webhook: { secret: … }`. The events are those of the stream `events`, within a second.
          webhook: {
            signature: "stripe",
            id: "id",
            type: "type",
            object: "data.object",
            version: { field: "created", format: "unix" },
            on: {
              "charge.refunded": { upsert: "charges", sync: ["refunds"] },
              "charge.dispute.*": { upsert: "disputes" },
              "charge.refund.*": { upsert: "refunds" },
              "charge.*": { upsert: "charges" },
              "refund.*": { upsert: "refunds" },
              "customer.subscription.*": { upsert: "subscriptions" },
              "customer.created": { upsert: "customers" },
              "customer.updated": { upsert: "customers" },
              "customer.deleted": { delete: "customers" },
              "payment_intent.*": { upsert: "payment_intents" },
              "invoice.deleted": { delete: "invoices" },
              "invoice.upcoming": { sync: ["invoices"] },
              "invoice.*": { upsert: "invoices" },
              "product.deleted": { delete: "products" },
              "product.*": { upsert: "products" },
              "price.deleted": { delete: "prices" },
              "price.*": { upsert: "prices" },
              "payout.*": { upsert: "payouts" },
              "balance.available": { sync: ["balance_transactions"] },
            },
            setup: "Stripe's dashboard, Developers, Webhooks, Add destination: these events, this URL; copy the signing secret",
          },

          errors: {
            message: "error.message",
            code: "error.code",
            position_lost: ["resource_missing"],
            throttled: ["rate_limit", "lock_timeout"],
            // 409: the request that this one repeats is still being worked on; its answer comes with the next try.
            transient: ["idempotency_key_in_use"],
          },

          // What the typed calls of the SDK and `exec` send. A POST bears an idempotency key, so a lost answer is asked for again.
          operations: {
            create_charge: {
              path: "/v1/charges",
              body: "form",
              fields: {
                amount: "${amount}", currency: "${currency}", source: "${source}", customer: "${customer}",
                description: "${description}", metadata: "${metadata}",
              },
              other_fields: "send",
              idempotency: "Idempotency-Key",
              returns: "charge",
            },
            create_refund: {
              path: "/v1/refunds",
              body: "form",
              fields: { charge: "${charge}", amount: "${amount}", reason: "${reason}", metadata: "${metadata}" },
              other_fields: "send",
              idempotency: "Idempotency-Key",
              returns: "refund",
            },
            create_payment_method: {
              path: "/v1/payment_methods",
              body: "form",
              fields: { type: "${type}", card: "${card}", metadata: "${metadata}" },
              other_fields: "send",
              idempotency: "Idempotency-Key",
              returns: "payment_method",
            },
            create_customer: {
              path: "/v1/customers",
              body: "form",
              fields: { email: "${email}", name: "${name}", source: "${source}", metadata: "${metadata}" },
              other_fields: "send",
              idempotency: "Idempotency-Key",
              returns: "customer",
            },
            create_subscription: {
              path: "/v1/subscriptions",
              body: "form",
              fields: { customer: "${customer}", items: "${items}", metadata: "${metadata}" },
              other_fields: "send",
              idempotency: "Idempotency-Key",
              returns: "subscription",
            },
            cancel_subscription: {
              path: "/v1/subscriptions/${subscription}",
              body: "form",
              fields: { cancel_at_period_end: "true" },
              idempotency: "Idempotency-Key",
              returns: "subscription",
              variants: { at_period_end: { "false": "cancel_subscription_now" } },
            },
            cancel_subscription_now: { method: "DELETE", path: "/v1/subscriptions/${subscription}", returns: "subscription" },
            retrieve_balance: { method: "GET", path: "/v1/balance", returns: "balance" },
            retrieve_charge: { method: "GET", path: "/v1/charges/${id}", returns: "charge" },
            retrieve_refund: { method: "GET", path: "/v1/refunds/${id}", returns: "refund" },
            retrieve_payment_method: { method: "GET", path: "/v1/payment_methods/${id}", returns: "payment_method" },
            retrieve_customer: { method: "GET", path: "/v1/customers/${id}", returns: "customer" },
            retrieve_subscription: { method: "GET", path: "/v1/subscriptions/${id}", returns: "subscription" },
          },

          // Their objects as AITBC's models.
          models: {
            charge: {
              id: "id",
              amount: "amount",
              currency: "currency",
              status: [
                { if: "refunded", value: "refunded" },
                { if: "amount_refunded", value: "partially_refunded" },
                "status",
              ],
              created_at: { path: "created", format: "unix" },
              updated_at: { path: "created", format: "unix" },
              description: "description",
              metadata: "metadata",
              amount_refunded: "amount_refunded",
              refunds: "refunds.data",
              payment_method_id: ["payment_method", "source.id"],
              payment_method_details: ["payment_method_details", "source"],
            },
            refund: {
              id: "id",
              amount: "amount",
              currency: ["currency", { value: "" }],
              status: "status",
              created_at: { path: "created", format: "unix" },
              updated_at: { path: "created", format: "unix" },
              charge_id: "charge",
              reason: "reason",
              metadata: "metadata",
            },
            payment_method: {
              id: "id",
              type: "type",
              created_at: { path: "created", format: "unix" },
              metadata: "metadata",
              brand: "card.brand",
              last4: "card.last4",
              exp_month: "card.exp_month",
              exp_year: "card.exp_year",
            },
            customer: {
              id: "id",
              email: "email",
              name: "name",
              created_at: { path: "created", format: "unix" },
              metadata: "metadata",
            },
            // The period stands on the items since API version 2025-03-31.
            subscription: {
              id: "id",
              status: "status",
              created_at: { path: "created", format: "unix" },
              updated_at: { path: "created", format: "unix" },
              current_period_start: [
                { path: "current_period_start", format: "unix" },
                { path: "items.data.0.current_period_start", format: "unix" },
                { path: "created", format: "unix" },
              ],
              current_period_end: [
                { path: "current_period_end", format: "unix" },
                { path: "items.data.0.current_period_end", format: "unix" },
                { path: "created", format: "unix" },
              ],
              customer_id: "customer",
              metadata: "metadata",
              amount: ["items.data.0.price.unit_amount", "items.data.0.plan.amount", "plan.amount"],
              currency: ["currency", "items.data.0.price.currency", "items.data.0.plan.currency", "plan.currency"],
              interval: ["items.data.0.price.recurring.interval", "items.data.0.plan.interval", "plan.interval"],
              interval_count: [
                "items.data.0.price.recurring.interval_count", "items.data.0.plan.interval_count", "plan.interval_count",
              ],
              trial_start: { path: "trial_start", format: "unix" },
              trial_end: { path: "trial_end", format: "unix" },
              canceled_at: { path: "canceled_at", format: "unix" },
              ended_at: { path: "ended_at", format: "unix" },
            },
            balance: { available: "available", pending: ["pending", { value: [] }] },
          },
        }
        """#
}
