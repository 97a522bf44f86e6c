/// The SDK itself.
public enum AITBCSDK {
    /// Its version (semantic versioning): the one place that knows it. Stands in the `User-Agent` of every request and
    /// in `aitbc-connectord version`.
    public static let version = "1.1.0"
}
