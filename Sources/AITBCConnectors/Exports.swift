// The types that the SDK's API mentions (JSON values, instants, secrets, HTTP requests) come with one import.
@_exported public import ConnectorCore
