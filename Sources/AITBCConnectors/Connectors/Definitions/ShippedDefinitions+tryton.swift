// Made of config/definitions/tryton.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let tryton = #"""
        // Tryton (8.x): JSON-RPC with a session login. `settings: { database: "…" }` names the database.
        // A record's write_date is null until its first change, and both dates are those at which its transaction began:
        // therefore the fallback to create_date, and a lookback longer than the longest transaction.
        {
          kind: "erp",
          description: "Tryton ERP",
          verified: "server",
          api_version: "8.0",
          base_url: "https://tryton.example.com",
          auth_type: "session",
          auth_config: {
            login: {
              path: "/${settings.database}/rpc/",
              body: { id: 1, method: "common.db.login", params: ["${username}", { password: "${password}" }, "en"] },
              returns: { user: "result.0", token: "result.1" },
              header: "Authorization",
              base64: "${username}:${user}:${token}",
              value: "Session ${base64}",
            },
          },
          max_concurrent_streams: 2,
          schedule: { every: "5m", jitter: "30s" },

          // Pages continue behind the last id: records that change or vanish meanwhile shift nothing.
          defaults: {
            path: "/${settings.database}/rpc/",
            records: "result",
            key: "id",
            compare: "members", // a restart of the server changes the order of a record's fields
            paging: {
              style: "after_last",
              field: "id",
              size: { value: 500 },
              short_page: "end",
              body: ["id", ">", "${after}"],
            },
            cursor: {
              field: "write_date",
              fallback: "create_date",
              format: "parts",
              filter_format: "datetime",
              order: "none",
              lookback: "15m",
              lower_body: [
                "OR",
                ["write_date", ">=", "${cursor}"],
                [["write_date", "=", null], ["create_date", ">=", "${cursor}"]],
              ],
            },
            // Deletions leave no trace, and a relation's change moves no date: walk everything once a week.
            resync: { every: "7d" },
          },

          streams: {
            // Deactivated records come along with `active_test: false`. A clause on `active` would not do: Tryton adds its own
            // test to each nested part of a filter that does not name the field.
            parties: {
              model: "customer",
              body: {
                id: 1,
                method: "model.party.party.search_read",
                params: [
                  [["id", ">", 0], "${lower}", "${position}"], 0, "${limit}", [["id", "ASC"]],
                  ["name", "code", "active", "lang", "tax_identifier", "addresses", "contact_mechanisms", "categories",
                    "write_date", "create_date"],
                  { active_test: false },
                ],
              },
            },
            addresses: {
              body: {
                id: 1,
                method: "model.party.address.search_read",
                params: [
                  [["id", ">", 0], "${lower}", "${position}"], 0, "${limit}", [["id", "ASC"]],
                  ["party", "party_name", "street", "postal_code", "city", "country", "subdivision", "active", "sequence",
                    "write_date", "create_date"],
                  { active_test: false },
                ],
              },
            },
            products: {
              model: "product",
              body: {
                id: 1,
                method: "model.product.product.search_read",
                params: [
                  [["id", ">", 0], "${lower}", "${position}"], 0, "${limit}", [["id", "ASC"]],
                  ["template", "template.name", "template.type", "code", "description", "list_price", "active",
                    "write_date", "create_date"],
                  { active_test: false },
                ],
              },
            },
            sales: {
              model: "order",
              body: {
                id: 1,
                method: "model.sale.sale.search_read",
                params: [
                  [["id", ">", 0], "${lower}", "${position}"], 0, "${limit}", [["id", "ASC"]],
                  ["number", "reference", "party", "company", "currency", "sale_date", "state", "untaxed_amount",
                    "tax_amount", "total_amount", "invoice_state", "shipment_state", "lines", "write_date", "create_date"],
                  {},
                ],
              },
            },
            invoices: {
              model: "invoice",
              body: {
                id: 1,
                method: "model.account.invoice.search_read",
                params: [
                  [["id", ">", 0], "${lower}", "${position}"], 0, "${limit}", [["id", "ASC"]],
                  ["number", "reference", "type", "party", "company", "currency", "invoice_date", "state", "untaxed_amount",
                    "tax_amount", "total_amount", "lines", "write_date", "create_date"],
                  {},
                ],
              },
            },
            moves: {
              body: {
                id: 1,
                method: "model.account.move.search_read",
                params: [
                  [["id", ">", 0], "${lower}", "${position}"], 0, "${limit}", [["id", "ASC"]],
                  ["number", "journal", "period", "date", "post_date", "description", "state", "lines",
                    "company", "write_date", "create_date"],
                  {},
                ],
              },
            },
          },

          // JSON-RPC says errors with status 200.
          errors: { present: "error", message: "error", code: "error.0" },

          // `rest` is the data without `id`. JSON-RPC knows no idempotency keys: a write whose answer was lost is not repeated.
          // Other models by their technical names: `create_party.category`.
          operations: {
            create_entity: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.${entity_type}.create", params: [["${rest}"], {}] }, result: "result.0",
            },
            update_entity: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.${entity_type}.write", params: [["${id}"], "${rest}", {}] },
            },
            delete_entity: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.${entity_type}.delete", params: [["${id}"], {}] },
            },
            // By AITBC's names of a customer.
            create_customer: {
              path: "/${settings.database}/rpc/",
              takes: "customer",
              fields: { id: 1, method: "model.party.party.create", params: [["${record}"], {}] }, result: "result.0",
            },
            update_customer: {
              path: "/${settings.database}/rpc/",
              takes: "customer",
              fields: { id: 1, method: "model.party.party.write", params: [["${id}"], "${record}", {}] },
            },
            delete_customer: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.party.delete", params: [["${id}"], {}] },
            },
            retrieve_party: {
              path: "/${settings.database}/rpc/",
              fields: {
                id: 1, method: "model.party.party.read",
                params: [
                  ["${id}"],
                  ["name", "code", "active", "lang", "tax_identifier", "addresses", "contact_mechanisms", "categories",
                    "write_date", "create_date"],
                  {},
                ],
              },
              result: "result.0",
              reads: true,
              returns: "customer",
            },
            create_party: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.party.create", params: [["${rest}"], {}] }, result: "result.0",
            },
            update_party: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.party.write", params: [["${id}"], "${rest}", {}] },
            },
            delete_party: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.party.delete", params: [["${id}"], {}] },
            },
            retrieve_address: {
              path: "/${settings.database}/rpc/",
              fields: {
                id: 1, method: "model.party.address.read",
                params: [
                  ["${id}"],
                  ["party", "party_name", "street", "postal_code", "city", "country", "subdivision", "active", "sequence",
                    "write_date", "create_date"],
                  {},
                ],
              },
              result: "result.0",
              reads: true,
            },
            create_address: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.address.create", params: [["${rest}"], {}] }, result: "result.0",
            },
            update_address: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.address.write", params: [["${id}"], "${rest}", {}] },
            },
            delete_address: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.party.address.delete", params: [["${id}"], {}] },
            },
            retrieve_product: {
              path: "/${settings.database}/rpc/",
              fields: {
                id: 1, method: "model.product.product.read",
                params: [
                  ["${id}"],
                  ["template", "template.name", "template.type", "code", "description", "list_price", "active",
                    "write_date", "create_date"],
                  {},
                ],
              },
              result: "result.0",
              reads: true,
              returns: "product",
            },
            create_product: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.product.product.create", params: [["${rest}"], {}] }, result: "result.0",
            },
            update_product: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.product.product.write", params: [["${id}"], "${rest}", {}] },
            },
            delete_product: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.product.product.delete", params: [["${id}"], {}] },
            },
            retrieve_sale: {
              path: "/${settings.database}/rpc/",
              fields: {
                id: 1, method: "model.sale.sale.read",
                params: [
                  ["${id}"],
                  ["number", "reference", "party", "company", "currency", "sale_date", "state", "untaxed_amount",
                    "tax_amount", "total_amount", "invoice_state", "shipment_state", "lines", "write_date", "create_date"],
                  {},
                ],
              },
              result: "result.0",
              reads: true,
              returns: "order",
            },
            create_sale: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.sale.sale.create", params: [["${rest}"], {}] }, result: "result.0",
            },
            update_sale: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.sale.sale.write", params: [["${id}"], "${rest}", {}] },
            },
            delete_sale: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.sale.sale.delete", params: [["${id}"], {}] },
            },
            retrieve_invoice: {
              path: "/${settings.database}/rpc/",
              fields: {
                id: 1, method: "model.account.invoice.read",
                params: [
                  ["${id}"],
                  ["number", "reference", "type", "party", "company", "currency", "invoice_date", "state", "untaxed_amount",
                    "tax_amount", "total_amount", "lines", "write_date", "create_date"],
                  {},
                ],
              },
              result: "result.0",
              reads: true,
              returns: "invoice",
            },
            create_invoice: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.account.invoice.create", params: [["${rest}"], {}] }, result: "result.0",
            },
            update_invoice: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.account.invoice.write", params: [["${id}"], "${rest}", {}] },
            },
            delete_invoice: {
              path: "/${settings.database}/rpc/",
              fields: { id: 1, method: "model.account.invoice.delete", params: [["${id}"], {}] },
            },
          },

          // Their records as AITBC's models. A sale bears the id of its currency, not the code that its amounts need: ask for
          // "currency.code" in a stream of your own where you want totals.
          models: {
            customer: {
              id: { path: "id", format: "text", read_only: true },
              number: "code",
              name: "name",
              active: "active",
              updated_at: [
                { path: "write_date", format: "parts", read_only: true },
                { path: "create_date", format: "parts", read_only: true },
              ],
            },
            product: {
              id: { path: "id", format: "text", read_only: true },
              number: "code",
              name: [{ path: ["template.", "name"], read_only: true }, { path: "description" }],
              active: "active",
              updated_at: [
                { path: "write_date", format: "parts", read_only: true },
                { path: "create_date", format: "parts", read_only: true },
              ],
            },
            order: {
              id: { path: "id", format: "text", read_only: true },
              number: "number",
              customer_id: { path: "party", format: "text" },
              status: "state",
              ordered_at: { path: "sale_date", format: "parts", read_only: true },
              updated_at: [
                { path: "write_date", format: "parts", read_only: true },
                { path: "create_date", format: "parts", read_only: true },
              ],
            },
            invoice: {
              id: { path: "id", format: "text", read_only: true },
              number: "number",
              customer_id: { path: "party", format: "text" },
              status: "state",
              issued_at: { path: "invoice_date", format: "parts", read_only: true },
              updated_at: [
                { path: "write_date", format: "parts", read_only: true },
                { path: "create_date", format: "parts", read_only: true },
              ],
            },
          },
        }
        """#
}
