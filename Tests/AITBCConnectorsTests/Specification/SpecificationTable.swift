/// The AITBC Enterprise Connectors API as data: every type, field, default and value under its wire name.
enum SpecificationTable {
    /// `ConnectorConfig`'s fields with their defaults as JSON; nil where the specification gives none or `None`.
    static let configuration: [(name: String, value: String?)] = [
        ("base_url", nil), ("api_key", nil), ("api_version", #""v1""#), ("timeout", "30"), ("max_connections", "100"),
        ("max_retries", "3"), ("retry_backoff", "1"), ("rate_limit", nil), ("burst_limit", nil),
        ("auth_type", #""bearer""#), ("auth_config", nil), ("webhook_secret", nil), ("webhook_endpoint", nil),
        ("enable_metrics", "true"), ("log_level", #""INFO""#), ("enterprise_id", nil), ("tenant_id", nil),
        ("region", nil),
    ]

    /// Fields of each model; an optional one has its default, or "" for `None`.
    static let models: [String: [(name: String, value: String?)]] = [
        "Charge": [
            ("id", nil), ("amount", nil), ("currency", nil), ("status", nil), ("created_at", nil), ("updated_at", nil),
            ("description", ""), ("metadata", "{}"), ("amount_refunded", "0"), ("refunds", "[]"),
            ("payment_method_id", ""), ("payment_method_details", ""),
        ],
        "Refund": [
            ("id", nil), ("amount", nil), ("currency", nil), ("status", nil), ("created_at", nil), ("updated_at", nil),
            ("charge_id", nil), ("reason", ""), ("metadata", "{}"),
        ],
        "PaymentMethod": [
            ("id", nil), ("type", nil), ("created_at", nil), ("metadata", "{}"), ("brand", ""), ("last4", ""),
            ("exp_month", ""), ("exp_year", ""),
        ],
        "Subscription": [
            ("id", nil), ("status", nil), ("created_at", nil), ("updated_at", nil), ("current_period_start", nil),
            ("current_period_end", nil), ("customer_id", nil), ("metadata", "{}"), ("amount", ""), ("currency", ""),
            ("interval", ""), ("interval_count", ""), ("trial_start", ""), ("trial_end", ""), ("canceled_at", ""),
            ("ended_at", ""),
        ],
        "OperationResult": [("success", nil), ("data", ""), ("error", ""), ("metadata", "{}"), ("timestamp", nil)],
        "SyncResult": [
            ("entity_type", nil), ("synced_count", nil), ("failed_count", nil), ("errors", nil), ("last_sync", ""),
        ],
        "ConnectorMetrics": [("operation_count", nil), ("error_count", nil), ("error_rate", nil), ("last_sync", "")],
    ]

    static let enumerations: [String: [String]] = [
        "PaymentStatus": ["pending", "succeeded", "failed", "refunded", "partially_refunded", "canceled"],
        "RefundStatus": ["pending", "succeeded", "failed", "canceled"],
        "SubscriptionStatus": ["trialing", "active", "past_due", "canceled", "unpaid"],
        "ERPSystem": ["sap", "oracle", "netsuite", "dynamics", "salesforce"],
        "ERPProtocol": ["rest", "soap", "odata", "idoc", "bapi", "suite_talk"],
        "AuthType": ["bearer", "basic", "api_key", "hmac", "oauth2", "certificate"],
        "WebhookStatus": ["queued", "processed", "partial", "ignored", "failed"],
    ]

    /// The exception hierarchy: each type below its parent.
    static let errors: [(name: String, parent: String)] = [
        ("AuthenticationError", "AITBCError"), ("RateLimitError", "AITBCError"), ("APIError", "AITBCError"),
        ("ConfigurationError", "AITBCError"), ("ConnectorError", "AITBCError"), ("PaymentError", "ConnectorError"),
        ("ERPError", "ConnectorError"), ("SyncError", "ConnectorError"), ("WebhookError", "ConnectorError"),
        ("ValidationError", "AITBCError"), ("TimeoutError", "AITBCError"),
    ]

    static let operations = [
        "create_charge", "create_refund", "create_payment_method", "create_customer", "create_subscription",
        "cancel_subscription", "retrieve_balance",
    ]

    /// Methods and properties, by the specification's names.
    static let members = [
        "AITBCClient": ["__init__", "connect", "disconnect", "request", "get", "post", "put", "delete"],
        "BaseConnector": [
            "initialize", "cleanup", "execute_operation", "batch_execute", "sync", "is_initialized", "last_sync",
            "metrics",
        ],
        "PaymentConnector": [
            "create_charge", "create_refund", "create_payment_method", "create_subscription", "cancel_subscription",
        ],
        "ERPConnector": ["create_entity", "update_entity", "delete_entity", "sync_data", "batch_sync"],
        "WebhookHandler": ["setup", "cleanup", "add_handler", "verify", "handle"],
    ]
}
