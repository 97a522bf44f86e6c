// Made of config/definitions/quickbooks.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let quickbooks = #"""
        // QuickBooks Online, Accounting API v3: what the daemon knows of it. Facts from developer.intuit.com.
        // A connector file names the company: settings: { realm: "1234567890" }; environment: "sandbox" picks Intuit's test host.
        {
          kind: "erp",
          description: "QuickBooks Online accounting",
          verified: "examples",
          api_version: "v3, minor version 75",
          environments: {
            production: "https://quickbooks.api.intuit.com/v3/company/${settings.realm}",
            sandbox: "https://sandbox-quickbooks.api.intuit.com/v3/company/${settings.realm}",
          },
          required_settings: { realm: "the company's id (realm), shown beside its name in QuickBooks' settings" },
          auth_type: "oauth2",
          // The refresh token is exchanged for a new one now and then, and lives 100 days without use.
          auth_config: {
            grant_type: "refresh_token",
            token_url: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
            client_secret_in: "header",
          },
          rate_limit: 8, // 500 a minute and company, 10 a second, 40 requests of an app at a time
          max_concurrent_streams: 4,
          check: { path: "/query?query=SELECT%20*%20FROM%20CompanyInfo&minorversion=75" },

          // One text holds filter, order and position. Nothing that matches is `QueryResponse: {}`. MAXRESULTS 100 has given 101
          // rows: the next page begins behind what came. The filter knows seconds, inclusive.
          defaults: {
            key: "Id",
            query: { minorversion: "75" },
            empty: { absent: true, beside: ["time", "startPosition", "maxResults", "totalCount"] },
            paging: { style: "offset", first: 1, size: { value: 1000 } },
            cursor: {
              field: "MetaData.LastUpdatedTime",
              format: "iso8601",
              filter_format: "%Y-%m-%dT%H:%M:%S%z",
              order: "ascending",
              lookback: "10m",
              lower_text: " AND MetaData.LastUpdatedTime >= '${cursor}'",
            },
            // What is deleted only change data capture tells (30 days, another form of answer): until that is read, by reading all.
            resync: { every: "7d" },
          },

          // Inactive entries of lists stay away unless they are asked for.
          streams: {
            customers: {
              path: "/query", records: "QueryResponse.Customer", model: "customer",
              query: {
                query: "SELECT * FROM Customer WHERE Active IN (true, false)${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            vendors: {
              path: "/query", records: "QueryResponse.Vendor",
              query: {
                query: "SELECT * FROM Vendor WHERE Active IN (true, false)${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            items: {
              path: "/query", records: "QueryResponse.Item", model: "product",
              query: {
                query: "SELECT * FROM Item WHERE Active IN (true, false)${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            accounts: {
              path: "/query", records: "QueryResponse.Account",
              query: {
                query: "SELECT * FROM Account WHERE Active IN (true, false)${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            // Transactions: a condition that is always true carries the bound.
            invoices: {
              path: "/query", records: "QueryResponse.Invoice", model: "invoice",
              query: {
                query: "SELECT * FROM Invoice WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            payments: {
              path: "/query", records: "QueryResponse.Payment",
              query: {
                query: "SELECT * FROM Payment WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            credit_memos: {
              path: "/query", records: "QueryResponse.CreditMemo",
              query: {
                query: "SELECT * FROM CreditMemo WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            sales_receipts: {
              path: "/query", records: "QueryResponse.SalesReceipt",
              query: {
                query: "SELECT * FROM SalesReceipt WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            refund_receipts: {
              path: "/query", records: "QueryResponse.RefundReceipt",
              query: {
                query: "SELECT * FROM RefundReceipt WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            bills: {
              path: "/query", records: "QueryResponse.Bill",
              query: {
                query: "SELECT * FROM Bill WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            bill_payments: {
              path: "/query", records: "QueryResponse.BillPayment",
              query: {
                query: "SELECT * FROM BillPayment WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            journal_entries: {
              path: "/query", records: "QueryResponse.JournalEntry",
              query: {
                query: "SELECT * FROM JournalEntry WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            purchases: {
              path: "/query", records: "QueryResponse.Purchase",
              query: {
                query: "SELECT * FROM Purchase WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
            deposits: {
              path: "/query", records: "QueryResponse.Deposit",
              query: {
                query: "SELECT * FROM Deposit WHERE MetaData.CreateTime >= '1990-01-01T00:00:00Z'${lower} ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${offset} MAXRESULTS ${limit}",
              },
            },
          },

          // Its events name records only; their lists are synced at once.
          webhook: {
            signature: "hmac",
            header: "intuit-signature",
            encoding: "base64",
            // An array of CloudEvents, as Intuit sends them since 2025; the older form is not read.
            events: "",
            id: "id",
            type: "type",
            on: {
              "qbo.customer.*": { sync: ["customers"] },
              "qbo.vendor.*": { sync: ["vendors"] },
              "qbo.item.*": { sync: ["items"] },
              "qbo.account.*": { sync: ["accounts"] },
              "qbo.invoice.*": { sync: ["invoices"] },
              "qbo.payment.*": { sync: ["payments"] },
              "qbo.creditmemo.*": { sync: ["credit_memos"] },
              "qbo.salesreceipt.*": { sync: ["sales_receipts"] },
              "qbo.refundreceipt.*": { sync: ["refund_receipts"] },
              "qbo.bill.*": { sync: ["bills"] },
              "qbo.billpayment.*": { sync: ["bill_payments"] },
              "qbo.journalentry.*": { sync: ["journal_entries"] },
              "qbo.purchase.*": { sync: ["purchases"] },
              "qbo.deposit.*": { sync: ["deposits"] },
            },
            setup: "developer.intuit.com, your app, Webhooks: this URL, the entities, CloudEvents; copy the verifier token",
          },

          // The server writes `Fault`, what stands before it `fault`.
          errors: {
            present: "Fault",
            message: { any: ["Fault.Error.0.Detail", "Fault.Error.0.Message", "fault.error.0.detail", "fault.error.0.message"] },
            code: { any: ["Fault.Error.0.code", "fault.error.0.code"] },
            credentials: ["3200", "003200", "3100", "003100"],
            throttled: ["3001", "003001"],
            transient: ["10000"],
          },

          // An entity type is its name in lower case, invoice. A change needs the SyncToken, as `etag`; it is sparse: what is not
          // named stays. The request id makes a repetition harmless.
          operations: {
            create_entity: {
              path: "/${entity_type}",
              query: { minorversion: "75", requestid: "${idempotency_key}" },
              fields: "${rest}",
            },
            update_entity: {
              path: "/${entity_type}",
              query: { minorversion: "75", requestid: "${idempotency_key}" },
              fields: { Id: "${id}", SyncToken: "${etag}", sparse: true },
              other_fields: "send",
            },
            delete_entity: {
              path: "/${entity_type}",
              query: { operation: "delete", minorversion: "75", requestid: "${idempotency_key}" },
              fields: { Id: "${id}", SyncToken: "${etag}" },
            },
            retrieve_entity: { method: "GET", path: "/${entity_type}/${id}", query: { minorversion: "75" } },
          },

          models: {
            customer: {
              id: "Id",
              name: "DisplayName",
              email: "PrimaryEmailAddr.Address",
              created_at: { path: "MetaData.CreateTime", format: "iso8601" },
            },
            invoice: {
              id: "Id",
              amount: { path: "TotalAmt", format: "decimal", currency: "CurrencyRef.value" },
              currency: "CurrencyRef.value",
              created_at: { path: "MetaData.CreateTime", format: "iso8601" },
              updated_at: { path: "MetaData.LastUpdatedTime", format: "iso8601" },
              customer_id: "CustomerRef.value",
            },
            product: { id: "Id", name: "Name", created_at: { path: "MetaData.CreateTime", format: "iso8601" } },
          },
        }
        """#
}
