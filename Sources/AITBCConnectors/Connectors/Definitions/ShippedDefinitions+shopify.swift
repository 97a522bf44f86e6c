// Made of config/definitions/shopify.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let shopify = #"""
        // Shopify, GraphQL Admin API 2026-07: what the daemon knows of it. Facts from shopify.dev.
        // A connector file names the shop: settings: { shop: "acme" }. A version appears each quarter and lives a year.
        {
          kind: "payment",
          description: "Shopify orders, customers and products",
          verified: "documentation",
          api_version: "2026-07",
          api_ends: "2027-07-01",
          base_url: "https://${settings.shop}.myshopify.com/admin/api/2026-07",
          required_settings: { shop: "the shop's name, acme in https://acme.myshopify.com" },
          // The token of a custom app; orders of more than 60 days need its scope read_all_orders.
          auth_type: "api_key",
          auth_config: { header_name: "X-Shopify-Access-Token" },
          // A bucket of points, filled by 100 to 2,000 a second by plan; a query may cost 1,000 at most.
          rate_limit: 1,
          max_concurrent_streams: 2,
          check: { path: "/shop.json" },

          // Without read_all_orders orders are a window of 60 days that moves on: what leaves it is not gone, so they are never
          // read whole to look for what is. An order with more than 50 lines says so (lineItems.pageInfo).
          // The bound is part of one variable, `nodes` are the records. What is deleted leaves no trace in a list.
          defaults: {
            path: "/graphql.json",
            method: "POST",
            key: "id",
            cursor: {
              field: "updatedAt",
              format: "iso8601",
              order: "ascending",
              lookback: "2m",
              lower_text: "updated_at:>='${cursor}'",
            },
            resync: { every: "7d" },
          },

          streams: {
            orders: {
              resync: null,
              model: "order",
              records: "data.orders.nodes",
              body: {
                query: "query ($first: Int!, $after: String, $query: String) { orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id name email createdAt updatedAt cancelledAt closedAt processedAt displayFinancialStatus displayFulfillmentStatus test note tags customer { id } totalPriceSet { shopMoney { amount currencyCode } } totalRefundedSet { shopMoney { amount currencyCode } } lineItems(first: 50) { nodes { id title quantity sku originalTotalSet { shopMoney { amount currencyCode } } } pageInfo { hasNextPage } } refunds { id createdAt totalRefundedSet { shopMoney { amount currencyCode } } } transactions { id kind status gateway createdAt amountSet { shopMoney { amount currencyCode } } } } pageInfo { hasNextPage endCursor } } }",
                variables: { first: "${limit}", after: "${token}", query: "${lower}" },
              },
              paging: {
                style: "token", next: "data.orders.pageInfo.endCursor", more: "data.orders.pageInfo.hasNextPage", size: { value: 25 },
              },
            },
            customers: {
              model: "customer",
              records: "data.customers.nodes",
              body: {
                query: "query ($first: Int!, $after: String, $query: String) { customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id displayName firstName lastName createdAt updatedAt state tags numberOfOrders defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } pageInfo { hasNextPage endCursor } } }",
                variables: { first: "${limit}", after: "${token}", query: "${lower}" },
              },
              paging: {
                style: "token", next: "data.customers.pageInfo.endCursor", more: "data.customers.pageInfo.hasNextPage", size: { value: 250 },
              },
            },
            products: {
              model: "product",
              records: "data.products.nodes",
              body: {
                query: "query ($first: Int!, $after: String, $query: String) { products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id title handle status vendor productType createdAt updatedAt tags totalInventory } pageInfo { hasNextPage endCursor } } }",
                variables: { first: "${limit}", after: "${token}", query: "${lower}" },
              },
              paging: {
                style: "token", next: "data.products.pageInfo.endCursor", more: "data.products.pageInfo.hasNextPage", size: { value: 250 },
              },
            },
            draft_orders: {
              records: "data.draftOrders.nodes",
              body: {
                query: "query ($first: Int!, $after: String, $query: String) { draftOrders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id name status createdAt updatedAt completedAt customer { id } totalPriceSet { shopMoney { amount currencyCode } } } pageInfo { hasNextPage endCursor } } }",
                variables: { first: "${limit}", after: "${token}", query: "${lower}" },
              },
              paging: {
                style: "token", next: "data.draftOrders.pageInfo.endCursor", more: "data.draftOrders.pageInfo.hasNextPage", size: { value: 100 },
              },
            },
            product_variants: {
              records: "data.productVariants.nodes",
              body: {
                query: "query ($first: Int!, $after: String, $query: String) { productVariants(first: $first, after: $after, query: $query) { nodes { id title sku price barcode inventoryQuantity createdAt updatedAt product { id } } pageInfo { hasNextPage endCursor } } }",
                variables: { first: "${limit}", after: "${token}", query: "${lower}" },
              },
              paging: {
                style: "token", next: "data.productVariants.pageInfo.endCursor", more: "data.productVariants.pageInfo.hasNextPage", size: { value: 250 },
              },
              // No sorting by the time of a change: the order is not relied on.
              cursor: { order: "none" },
            },
            inventory_items: {
              records: "data.inventoryItems.nodes",
              body: {
                query: "query ($first: Int!, $after: String, $query: String) { inventoryItems(first: $first, after: $after, query: $query) { nodes { id sku tracked createdAt updatedAt } pageInfo { hasNextPage endCursor } } }",
                variables: { first: "${limit}", after: "${token}", query: "${lower}" },
              },
              paging: {
                style: "token", next: "data.inventoryItems.pageInfo.endCursor", more: "data.inventoryItems.pageInfo.hasNextPage", size: { value: 250 },
              },
              // No sorting by the time of a change: the order is not relied on.
              cursor: { order: "none" },
            },
          },

          // Webhooks carry another form of the record than GraphQL does: its list is synced at once. Topic and id stand in headers,
          // which Shopify doesn't sign.
          webhook: {
            signature: "shopify",
            id: { header: "X-Shopify-Webhook-Id" },
            type: { header: "X-Shopify-Topic" },
            on: {
              "orders/*": { sync: ["orders"] },
              "refunds/*": { sync: ["orders"] },
              "order_transactions/*": { sync: ["orders"] },
              "customers/*": { sync: ["customers"] },
              "products/*": { sync: ["products", "product_variants"] },
              "inventory_items/*": { sync: ["inventory_items"] },
              "draft_orders/*": { sync: ["draft_orders"] },
            },
            setup: "Settings, Notifications, Webhooks: one webhook a topic, format JSON, this URL",
          },

          // Errors come with status 200 and no data; a refused token's are a text. The first one's code counts.
          errors: {
            present: "errors",
            message: { any: ["errors.0.message", "errors"] },
            code: "errors.0.extensions.code",
            credentials: ["ACCESS_DENIED", "UNAUTHORIZED"],
            throttled: ["THROTTLED"],
            transient: ["INTERNAL_SERVER_ERROR"],
            position_lost: [{ message: "invalid cursor" }],
          },

          // A mutation's own refusals stand in `userErrors` of its answer: look at them. A refund is of transactions of an order,
          // which AITBC's `create_refund` doesn't know: it has a name of its own, and takes a RefundInput.
          operations: {
            refund_order: {
              path: "/graphql.json",
              fields: {
                query: "mutation ($input: RefundInput!) { refundCreate(input: $input) { refund { id createdAt totalRefundedSet { shopMoney { amount currencyCode } } } userErrors { field message } } }",
                variables: { input: "${rest}" },
              },
              result: "data.refundCreate",
            },
            cancel_order: {
              path: "/graphql.json",
              fields: {
                query: "mutation ($orderId: ID!, $reason: OrderCancelReason!, $refund: Boolean!, $restock: Boolean!) { orderCancel(orderId: $orderId, reason: $reason, refund: $refund, restock: $restock) { job { id } orderCancelUserErrors { field message } } }",
                variables: { orderId: "${id}", reason: "${reason}", refund: "${refund}", restock: "${restock}" },
              },
              result: "data.orderCancel",
            },
          },

          models: {
            order: {
              id: "id",
              status: "displayFinancialStatus",
              amount: { path: "totalPriceSet.shopMoney.amount", format: "decimal", currency: "totalPriceSet.shopMoney.currencyCode" },
              currency: "totalPriceSet.shopMoney.currencyCode",
              customer_id: "customer.id",
              created_at: { path: "createdAt", format: "iso8601" },
              updated_at: { path: "updatedAt", format: "iso8601" },
            },
            customer: {
              id: "id",
              name: "displayName",
              email: "defaultEmailAddress.emailAddress",
              created_at: { path: "createdAt", format: "iso8601" },
              updated_at: { path: "updatedAt", format: "iso8601" },
            },
            product: {
              id: "id",
              name: "title",
              created_at: { path: "createdAt", format: "iso8601" },
              updated_at: { path: "updatedAt", format: "iso8601" },
            },
          },
        }
        """#
}
