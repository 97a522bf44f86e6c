import CCrypto
import ConnectorCore

/// Bytes that nobody can guess.
package enum RandomBytes {
    /// A generator without entropy must not pass for one: the process ends.
    package static func make(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let isFilled = unsafe RAND_bytes(buffer.baseAddress, Int32(clamping: count)) == 1
            precondition(isFilled, "OpenSSL has no random bytes")
            filled = count
        }
    }

    /// A random UUID (RFC 9562 § 5.4): what an idempotency key is where the caller gives none.
    package static func uuid() -> String {
        var bytes = make(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += HexText.text([byte])
        }
        return text
    }
}
