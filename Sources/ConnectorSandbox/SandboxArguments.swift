/// The command line, as values with defaults.
struct SandboxArguments: Sendable, Equatable {
    var paymentPort: UInt16 = 0
    var erpPort: UInt16 = 0
    var aitbcPort: UInt16 = 0
    var customers = 250
    var charges = 500
    var orders = 500
    var items = 200
    var seed: UInt64 = 1
    var apiKey = "sk_test_sandbox"
    var erpPageSize = 50
    /// Life of an ERP session token.
    var sessionSeconds = 3600
    var keysetLinks = false
    var compact = false
    var quiet = false
    var endsWithInput = false

    struct Mistake: Error, Equatable {
        let message: String
    }

    static let usage = """
        usage: connector-sandbox [--payment-port N] [--erp-port N] [--aitbc-port N]   0 takes a free port
               [--customers 250] [--charges 500] [--orders 500] [--items 200] [--seed 1]
               [--api-key sk_test_sandbox] [--erp-page-size 50] [--session-seconds 3600]
               [--keyset-links] [--compact] [--quiet] [--until-stdin-closes]
        example: connector-sandbox --customers 1000 --charges 20000

        """

    init() {}

    init(_ words: [String]) throws(Mistake) {
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if try takeSwitch(word) { continue }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                throw Mistake(message: "\(word) is unknown, or lacks its value")
            }
            try take(parts[0], value)
        }
    }

    private mutating func takeSwitch(_ word: String) throws(Mistake) -> Bool {
        switch word {
        case "--keyset-links": keysetLinks = true
        case "--compact": compact = true
        case "--quiet": quiet = true
        case "--until-stdin-closes": endsWithInput = true
        default: return false
        }
        return true
    }

    private mutating func take(_ name: String, _ value: String) throws(Mistake) {
        switch name {
        case "--payment-port": paymentPort = try Self.number(name, value)
        case "--erp-port": erpPort = try Self.number(name, value)
        case "--aitbc-port": aitbcPort = try Self.number(name, value)
        case "--customers": customers = try Self.number(name, value)
        case "--charges": charges = try Self.number(name, value)
        case "--orders": orders = try Self.number(name, value)
        case "--items": items = try Self.number(name, value)
        case "--seed": seed = try Self.number(name, value)
        case "--session-seconds": sessionSeconds = try Self.number(name, value)
        case "--erp-page-size": erpPageSize = max(1, try Self.number(name, value))
        case "--api-key": apiKey = value
        default: throw Mistake(message: "\(name) is unknown")
        }
    }

    private static func number<Number: FixedWidthInteger>(_ name: String, _ text: String) throws(Mistake) -> Number {
        guard let number = Number(text), number >= 0 else { throw Mistake(message: "\(name) \(text) is not a number") }
        return number
    }
}
