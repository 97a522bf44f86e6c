// The names of version 1.0 that other libraries have, too. They live in a module of their own, since a deprecated name
// would still stand in the way of another module's.

public import AITBCConnectors

/// See ``TransportHeaders``.
@available(*, deprecated, renamed: "TransportHeaders")
public typealias HTTPHeaders = TransportHeaders

/// See ``TransportRequest``.
@available(*, deprecated, renamed: "TransportRequest")
public typealias HTTPRequest = TransportRequest

/// See ``TransportResponse``.
@available(*, deprecated, renamed: "TransportResponse")
public typealias HTTPResponse = TransportResponse

/// See ``TransportLimits``.
@available(*, deprecated, renamed: "TransportLimits")
public typealias HTTPLimits = TransportLimits
