// Made of config/definitions/sap-s4hana.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let sap_s4hana = #"""
        // SAP S/4HANA, OData v2 services: what the daemon knows of it. Facts from api.sap.com and SAP's cloud SDK.
        // A connector file names the host: base_url: "https://HOST/sap/opu/odata/sap". Which of its services are there, and whether
        // each has LastChangeDateTime in its release, is the system's: `check --connect` and the first sync tell.
        {
          kind: "erp",
          description: "SAP S/4HANA (OData v2)",
          verified: "examples",
          api_version: "OData v2",
          base_url: "https://s4.example.com/sap/opu/odata/sap",
          auth_type: "basic", // a communication user of its own; or certificate, or oauth2
          csrf: { path: "/API_BUSINESS_PARTNER/" },
          max_concurrent_streams: 2,
          check: { path: "/API_BUSINESS_PARTNER/A_BusinessPartner?$top=1" },

          // Times come as /Date(ms+0000)/ and are asked for as datetimeoffset'…'. $inlinecount is the whole list's length.
          // Deletions are not shown: by reading all.
          defaults: {
            records: "d.results",
            query: { $inlinecount: "allpages", $orderby: "LastChangeDateTime" },
            paging: { style: "offset", parameter: "$skip", size: { parameter: "$top", value: 1000 }, total: "d.__count" },
            cursor: {
              field: "LastChangeDateTime",
              format: "json_date",
              filter_format: "datetimeoffset'%Y-%m-%dT%H:%M:%SZ'",
              order: "ascending",
              lookback: "15m",
              lower: { $filter: "LastChangeDateTime ge ${cursor}" },
            },
            resync: { every: "7d" },
          },

          streams: {
            sales_orders: { path: "/API_SALES_ORDER_SRV/A_SalesOrder", key: "SalesOrder", model: "order" },
            billing_documents: { path: "/API_BILLING_DOCUMENT_SRV/A_BillingDocument", key: "BillingDocument", model: "invoice" },
            products: { path: "/API_PRODUCT_SRV/A_Product", key: "Product", model: "product" },
            purchase_orders: { path: "/API_PURCHASEORDER_PROCESS_SRV/A_PurchaseOrder", key: "PurchaseOrder" },
            // A day and a time of change in two fields, both null until the first change: asked for by the day.
            business_partners: {
              path: "/API_BUSINESS_PARTNER/A_BusinessPartner", key: "BusinessPartner", model: "customer",
              query: { $orderby: "BusinessPartner" },
              cursor: {
                field: "LastChangeDate",
                fallback: "CreationDate",
                order: "none",
                filter_format: "datetime'%Y-%m-%dT00:00:00'",
                granularity: "1d",
                lookback: "1d",
                lower: { $filter: "(LastChangeDate ge ${cursor} or CreationDate ge ${cursor})" },
              },
            },
            // No time of change: everything is read, and what differs is delivered.
            supplier_invoices: {
              path: "/API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice", key: ["SupplierInvoice", "FiscalYear"],
              query: { $orderby: "SupplierInvoice,FiscalYear" },
              cursor: null,
              resync: null,
              schedule: { every: "6h", jitter: "10m" },
            },
          },

          errors: { message: { any: ["error.message.value", "error.message"] }, code: "error.code" },

          // An `etag` in the data makes sure that nobody changed it meanwhile. Answers stand below `d`.
          operations: {
            create_customer: { path: "/API_BUSINESS_PARTNER/A_BusinessPartner", fields: "${rest}", result: "d" },
            update_customer: {
              method: "PATCH", path: "/API_BUSINESS_PARTNER/A_BusinessPartner(${odata_key})",
              headers: { "If-Match": "${if_match}" }, fields: "${rest}",
            },
            create_order: { path: "/API_SALES_ORDER_SRV/A_SalesOrder", fields: "${rest}", result: "d" },
            update_order: {
              method: "PATCH", path: "/API_SALES_ORDER_SRV/A_SalesOrder(${odata_key})",
              headers: { "If-Match": "${if_match}" }, fields: "${rest}",
            },
            delete_order: {
              method: "DELETE", path: "/API_SALES_ORDER_SRV/A_SalesOrder(${odata_key})", headers: { "If-Match": "${if_match}" },
            },
            create_product: { path: "/API_PRODUCT_SRV/A_Product", fields: "${rest}", result: "d" },
          },

          models: {
            customer: { id: "BusinessPartner", name: "BusinessPartnerFullName" },
            order: {
              id: "SalesOrder", status: "OverallSDProcessStatus", currency: "TransactionCurrency", customer_id: "SoldToParty",
              amount: { path: "TotalNetAmount", format: "decimal", currency: "TransactionCurrency" },
              updated_at: { path: "LastChangeDateTime", format: "json_date" },
            },
            invoice: {
              id: "BillingDocument", status: "OverallBillingStatus", currency: "TransactionCurrency", customer_id: "SoldToParty",
              amount: { path: "TotalGrossAmount", format: "decimal", currency: "TransactionCurrency" },
              updated_at: { path: "LastChangeDateTime", format: "json_date" },
            },
            product: { id: "Product", updated_at: { path: "LastChangeDateTime", format: "json_date" } },
          },
        }
        """#
}
