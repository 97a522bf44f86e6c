// Made of config/definitions/odoo.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let odoo = #"""
        // Odoo 19 and later, JSON-2: what the daemon knows of it. Facts from odoo.com/documentation. Part of Odoo's Custom plans;
        // a key lives three months at most. With several databases on a server: headers: { "X-Odoo-Database": "…" }.
        // write_date is the moment at which a record's transaction began, to the second in JSON and to the microsecond in the
        // table: therefore a lookback longer than the longest transaction.
        {
          kind: "erp",
          description: "Odoo 19 and later (JSON-2)",
          verified: "documentation",
          api_version: "19",
          base_url: "https://odoo.example.com",
          auth_type: "bearer",
          max_concurrent_streams: 2,
          check: { path: "/web/version" },

          // The answer is the array. Pages continue behind the last id: records that change or vanish meanwhile shift nothing.
          // What is not set is `false`. A many2one comes as [id, name].
          defaults: {
            method: "POST",
            key: "id",
            paging: { style: "after_last", field: "id", size: { value: 500 }, short_page: "end", body: ["id", ">", "${after}"] },
            cursor: {
              field: "write_date",
              format: "datetime",
              order: "none",
              lookback: "15m",
              granularity: "1s",
              lower_body: ["write_date", ">=", "${cursor}"],
            },
            // Deletions leave no trace: walk everything once a week.
            resync: { every: "7d" },
          },

          streams: {
            partners: {
              path: "/json/2/res.partner/search_read",
              model: "customer",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["name", "email", "phone", "vat", "street", "city", "zip", "country_id", "is_company", "active", "customer_rank", "supplier_rank", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            products: {
              path: "/json/2/product.product/search_read",
              model: "product",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["name", "default_code", "barcode", "list_price", "standard_price", "type", "categ_id", "active", "product_tmpl_id", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            sale_orders: {
              path: "/json/2/sale.order/search_read",
              model: "order",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["name", "partner_id", "state", "date_order", "amount_untaxed", "amount_tax", "amount_total", "currency_id", "order_line", "invoice_ids", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            sale_order_lines: {
              path: "/json/2/sale.order.line/search_read",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["order_id", "product_id", "name", "product_uom_qty", "price_unit", "price_subtotal", "price_total", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            invoices: {
              path: "/json/2/account.move/search_read",
              model: "invoice",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["name", "move_type", "state", "payment_state", "partner_id", "invoice_date", "invoice_date_due", "amount_untaxed", "amount_tax", "amount_total", "amount_residual", "currency_id", "ref", "journal_id", "line_ids", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            invoice_lines: {
              path: "/json/2/account.move.line/search_read",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["move_id", "account_id", "partner_id", "name", "quantity", "price_unit", "debit", "credit", "balance", "date", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            payments: {
              path: "/json/2/account.payment/search_read",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["name", "partner_id", "payment_type", "state", "amount", "currency_id", "date", "journal_id", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
            accounts: {
              path: "/json/2/account.account/search_read",
              body: {
                domain: [["id", ">", 0], "${lower}", "${position}"],
                fields: ["code", "name", "account_type", "create_date", "write_date"],
                limit: "${limit}",
                order: "id asc",
                context: { active_test: false },
              },
            },
          },

          // The error's name is Python's.
          errors: {
            message: "message",
            code: "name",
            credentials: ["werkzeug.exceptions.Unauthorized", "odoo.exceptions.AccessDenied"],
            transient: ["psycopg2.errors.SerializationFailure", "psycopg2.errors.LockNotAvailable", "odoo.exceptions.LockError"],
          },

          // An entity type is a model's name, res.partner. Nothing makes a repetition harmless: a write whose answer was lost is not
          // repeated. What is created answers with its ids.
          operations: {
            create_entity: { path: "/json/2/${entity_type}/create", fields: { vals_list: ["${rest}"] }, result: "0" },
            update_entity: { path: "/json/2/${entity_type}/write", fields: { ids: ["${id}"], vals: "${rest}" } },
            delete_entity: { path: "/json/2/${entity_type}/unlink", fields: { ids: ["${id}"] } },
            retrieve_entity: { path: "/json/2/${entity_type}/read", reads: true, fields: { ids: ["${id}"] }, result: "0" },
            post_invoice: { path: "/json/2/account.move/action_post", fields: { ids: ["${id}"] } },
            cancel_invoice: { path: "/json/2/account.move/button_cancel", fields: { ids: ["${id}"] } },
          },

          models: {
            customer: {
              id: { path: "id", format: "text" },
              name: "name",
              email: "email",
              created_at: { path: "create_date", format: "datetime" },
              updated_at: { path: "write_date", format: "datetime" },
            },
            product: {
              id: { path: "id", format: "text" },
              name: "name",
              created_at: { path: "create_date", format: "datetime" },
              updated_at: { path: "write_date", format: "datetime" },
            },
            order: {
              id: { path: "id", format: "text" },
              status: "state",
              currency: "currency_id.1",
              amount: { path: "amount_total", format: "decimal", currency: "currency_id.1" },
              customer_id: { path: "partner_id.0", format: "text" },
              created_at: { path: "create_date", format: "datetime" },
              updated_at: { path: "write_date", format: "datetime" },
            },
            invoice: {
              id: { path: "id", format: "text" },
              status: "state",
              currency: "currency_id.1",
              amount: { path: "amount_total", format: "decimal", currency: "currency_id.1" },
              customer_id: { path: "partner_id.0", format: "text" },
              created_at: { path: "create_date", format: "datetime" },
              updated_at: { path: "write_date", format: "datetime" },
            },
          },
        }
        """#
}
