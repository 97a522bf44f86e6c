public import ConnectorCore

// The same calls with a path of components: each is encoded, so that an id with a slash stays an id. One that is empty,
// `.` or `..` is a ``ValidationError``, and nothing is sent.

extension AITBCClient {
    /// Sends one request to a path of components: `client.request("GET", ["orders", id])`.
    public func request(
        _ method: String,
        _ components: [String],
        body: JSONValue? = nil,
        options: RequestOptions = RequestOptions()
    ) async throws -> APIResponse {
        try await request(method, try ClientPath.path(of: components), body: body, options: options)
    }

    /// Reads: `client.get(["orders", id])`.
    public func get(_ components: [String], options: RequestOptions = RequestOptions()) async throws -> APIResponse {
        try await request("GET", components, options: options)
    }

    /// Creates, or asks for something to be done.
    public func post(
        _ components: [String],
        body: JSONValue? = nil,
        options: RequestOptions = RequestOptions()
    ) async throws -> APIResponse {
        try await request("POST", components, body: body, options: options)
    }

    /// Replaces.
    public func put(
        _ components: [String],
        body: JSONValue? = nil,
        options: RequestOptions = RequestOptions()
    ) async throws -> APIResponse {
        try await request("PUT", components, body: body, options: options)
    }

    /// Removes.
    public func delete(_ components: [String], options: RequestOptions = RequestOptions()) async throws -> APIResponse {
        try await request("DELETE", components, options: options)
    }
}
