/// Lays compact JSON out over lines, as payment processors answer, without reading it into values.
enum JSONLayout {
    /// Two blanks a level; the first line is not indented.
    static func indented(_ compact: [UInt8], depth: Int = 0) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(compact.count * 2)
        var depth = depth
        var isInString = false
        var isEscaped = false
        var previous: UInt8 = 0
        for byte in compact {
            if isInString {
                output.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
                previous = 0
                continue
            }
            let isOpening = byte == 0x7B || byte == 0x5B
            let isClosing = byte == 0x7D || byte == 0x5D
            if isClosing { depth -= 1 }
            let wasOpening = previous == 0x7B || previous == 0x5B
            if isClosing != wasOpening, isClosing || wasOpening { breakLine(&output, depth) }
            output.append(byte)
            if isOpening { depth += 1 }
            if byte == 0x2C { breakLine(&output, depth) }
            if byte == 0x3A { output.append(0x20) }
            if byte == 0x22 { isInString = true }
            previous = byte
        }
        return output
    }

    private static func breakLine(_ output: inout [UInt8], _ depth: Int) {
        output.append(0x0A)
        for _ in 0..<(max(0, depth) * 2) { output.append(0x20) }
    }
}
