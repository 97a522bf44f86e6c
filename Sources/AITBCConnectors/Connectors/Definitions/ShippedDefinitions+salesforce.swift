// Made of config/definitions/salesforce.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let salesforce = #"""
        // Salesforce, REST API: what the daemon knows of it. Facts from developer.salesforce.com.
        // A connector file names the domain: settings: { domain: "acme" }; environment: "sandbox" picks acme--NAME by that name.
        {
          kind: "erp",
          description: "Salesforce objects",
          verified: "examples",
          api_version: "60.0",
          environments: {
            production: "https://${settings.domain}.my.salesforce.com",
            sandbox: "https://${settings.domain}.sandbox.my.salesforce.com", // the domain is acme--NAME
          },
          required_settings: { domain: "your My Domain, acme in https://acme.my.salesforce.com; of a sandbox acme--NAME" },
          auth_type: "oauth2",
          // An external client app with the client credentials flow and a user to run as. The answer has no expires_in: a token
          // is used until it is refused.
          auth_config: { grant_type: "client_credentials", token_url: "/services/oauth2/token", client_secret_in: "form" },
          // A day has a number of requests, by licence and edition; what is left of it each answer says in Sforce-Limit-Info.
          rate_limit: 5,
          max_concurrent_streams: 4,
          headers: { "Sforce-Query-Options": "batchSize=2000" },
          check: { path: "/services/data/v60.0/limits" },

          // SOQL: one text. queryAll also shows what lies in the bin, and says so. Times are UTC, without quotes; a page may hold
          // fewer records than the batch, and `done` is the end. FIELDS(ALL) would need LIMIT 200: the fields are named, and a
          // connector file may name others, with SystemModstamp and IsDeleted among them.
          defaults: {
            path: "/services/data/v60.0/queryAll",
            records: "records",
            key: "Id",
            deleted: { field: "IsDeleted" },
            paging: { style: "link", next: "nextRecordsUrl", last: "done", total: "totalSize", anchor: "server" },
            cursor: {
              field: "SystemModstamp",
              format: "iso8601",
              filter_format: "%Y-%m-%dT%H:%M:%SZ",
              order: "ascending",
              lookback: "10m",
              lower_text: " WHERE SystemModstamp >= ${cursor}",
            },
            // What leaves the bin was told as deleted before: no reading of all is needed.
          },

          streams: {
            accounts: {
              model: "customer",
              query: { q: "SELECT Id, IsDeleted, Name, Type, Industry, Phone, Website, BillingCity, BillingCountry, OwnerId, CreatedDate, LastModifiedDate, SystemModstamp FROM Account${lower} ORDER BY SystemModstamp, Id" },
            },
            contacts: {
              query: { q: "SELECT Id, IsDeleted, AccountId, FirstName, LastName, Email, Phone, OwnerId, CreatedDate, LastModifiedDate, SystemModstamp FROM Contact${lower} ORDER BY SystemModstamp, Id" },
            },
            opportunities: {
              query: { q: "SELECT Id, IsDeleted, AccountId, Name, StageName, Amount, Probability, CloseDate, IsClosed, IsWon, OwnerId, CreatedDate, LastModifiedDate, SystemModstamp FROM Opportunity${lower} ORDER BY SystemModstamp, Id" },
            },
            orders: {
              model: "order",
              query: { q: "SELECT Id, IsDeleted, AccountId, OrderNumber, Status, EffectiveDate, TotalAmount, CreatedDate, LastModifiedDate, SystemModstamp FROM Order${lower} ORDER BY SystemModstamp, Id" },
            },
            order_items: {
              query: { q: "SELECT Id, IsDeleted, OrderId, Product2Id, Quantity, UnitPrice, TotalPrice, CreatedDate, LastModifiedDate, SystemModstamp FROM OrderItem${lower} ORDER BY SystemModstamp, Id" },
            },
            products: {
              model: "product",
              query: { q: "SELECT Id, IsDeleted, Name, ProductCode, Description, Family, IsActive, CreatedDate, LastModifiedDate, SystemModstamp FROM Product2${lower} ORDER BY SystemModstamp, Id" },
            },
            contracts: {
              query: { q: "SELECT Id, IsDeleted, AccountId, ContractNumber, Status, StartDate, EndDate, CreatedDate, LastModifiedDate, SystemModstamp FROM Contract${lower} ORDER BY SystemModstamp, Id" },
            },
          },

          // An array of errors; the token server has its own words.
          errors: {
            message: { any: ["0.message", "error_description"] },
            code: { any: ["0.errorCode", "error"] },
            position_lost: ["INVALID_QUERY_LOCATOR"],
            credentials: ["INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "invalid_grant", "invalid_client", "invalid_client_id"],
            // Of the day: it is waited for, and asked seldom.
            throttled: ["REQUEST_LIMIT_EXCEEDED"],
            transient: ["SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT"],
          },

          // An entity type is an object's name, Account. Nothing makes a repetition harmless but an external id of yours.
          operations: {
            create_entity: { path: "/services/data/v60.0/sobjects/${entity_type}", fields: "${rest}" },
            update_entity: { method: "PATCH", path: "/services/data/v60.0/sobjects/${entity_type}/${id}", fields: "${rest}" },
            retrieve_entity: { method: "GET", path: "/services/data/v60.0/sobjects/${entity_type}/${id}" },
            delete_entity: { method: "DELETE", path: "/services/data/v60.0/sobjects/${entity_type}/${id}" },
          },

          models: {
            customer: {
              id: "Id", name: "Name", created_at: { path: "CreatedDate", format: "iso8601" },
              updated_at: { path: "LastModifiedDate", format: "iso8601" },
            },
            order: {
              id: "Id", status: "Status", customer_id: "AccountId", created_at: { path: "CreatedDate", format: "iso8601" },
              updated_at: { path: "LastModifiedDate", format: "iso8601" },
            },
            product: {
              id: "Id", name: "Name", description: "Description", created_at: { path: "CreatedDate", format: "iso8601" },
              updated_at: { path: "LastModifiedDate", format: "iso8601" },
            },
          },
        }
        """#
}
