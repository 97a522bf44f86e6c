// Made of config/definitions/dynamics-fo.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let dynamics_fo = #"""
        // Dynamics 365 Finance & Operations, data entities by OData: what the daemon knows of it. Facts from learn.microsoft.com.
        // A connector file names organisation and tenant.
        {
          kind: "erp",
          description: "Dynamics 365 Finance & Operations",
          verified: "examples",
          environments: {
            production: "https://${settings.organization}.operations.dynamics.com/data",
            sandbox: "https://${settings.organization}.sandbox.operations.dynamics.com/data",
          },
          required_settings: {
            organization: "the first part of your address, acme in https://acme.operations.dynamics.com",
            tenant: "the directory (tenant) id in Entra",
          },
          auth_type: "oauth2",
          // The scope is your address: scope: "https://acme.operations.dynamics.com/.default" stands in the connector file.
          auth_config: {
            grant_type: "client_credentials",
            token_url: "https://login.microsoftonline.com/${settings.tenant}/oauth2/v2.0/token",
            client_secret_in: "form",
          },
          // Limits are of resources: 429 with Retry-After says when one is used up.
          rate_limit: 5,
          max_concurrent_streams: 2,
          check: { path: "/LegalEntities?$top=1" },

          // Without cross-company only the user's own company comes. Most entities have no time of change: everything is read, and
          // what differs, or is gone, is delivered. Where an extension has one, a connector file gives the stream a cursor.
          defaults: {
            records: "value",
            query: { "cross-company": "true" },
            paging: { style: "link", next: ["@odata.nextLink"] },
          },
          schedule: { every: "1h", jitter: "5m" },

          // Keys as the entities have them; where yours differ, `key` of the stream says so.
          streams: {
            customers: { path: "/CustomersV3", key: ["dataAreaId", "CustomerAccount"], model: "customer" },
            vendors: { path: "/VendorsV2", key: ["dataAreaId", "VendorAccountNumber"] },
            sales_orders: { path: "/SalesOrderHeadersV2", key: ["dataAreaId", "SalesOrderNumber"], model: "order" },
            sales_invoices: { path: "/SalesInvoiceHeadersV2", key: ["dataAreaId", "InvoiceNumber", "InvoiceDate", "LedgerVoucher"] },
            released_products: { path: "/ReleasedProductsV2", key: ["dataAreaId", "ItemNumber"], model: "product" },
            main_accounts: { path: "/MainAccounts", key: ["MainAccountId", "ChartOfAccounts"] },
            ledger_journals: { path: "/LedgerJournalHeaders", key: ["dataAreaId", "JournalBatchNumber"] },
          },

          errors: {
            message: { any: ["error.innererror.message", "error.message"] },
            code: "error.code",
            credentials: ["InvalidAuthenticationToken"],
          },

          // An entity type is a set's name, CustomersV3. Existing records have keys of several fields, which addresses can't be
          // made of yet: they are not changed from here.
          operations: {
            create_entity: { path: "/${entity_type}", fields: "${rest}", etag: "ETag", etag_path: ["@odata.etag"] },
          },

          models: {
            customer: { id: "CustomerAccount", name: "OrganizationName", email: "PrimaryContactEmail" },
            order: { id: "SalesOrderNumber", status: "SalesOrderStatus", currency: "CurrencyCode", customer_id: "OrderingCustomerAccountNumber" },
            product: { id: "ItemNumber", name: "ProductName" },
          },
        }
        """#
}
