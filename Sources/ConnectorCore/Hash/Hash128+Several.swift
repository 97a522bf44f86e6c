/// Keys that stand for several records: each content is remembered under a key of its own, and the key itself bears a
/// mark in place of a content. Such rows have no key text, so nothing calls them deleted.
extension Hash128 {
    /// No content's hash: the odds are those of any two contents to be taken for one.
    package static let several = Hash128(high: 0x5E7E_2A15_5E7E_2A15, low: 0xD1FF_E2E7_D1FF_E2E7)

    /// Where one content of this key is remembered.
    package func variant(_ content: Hash128) -> Hash128 {
        func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let product = (left ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: right | 1)
            return product.high ^ product.low
        }
        return Hash128(high: mixed(high, content.low) ^ content.high, low: mixed(low, content.high) ^ content.low)
    }
}
