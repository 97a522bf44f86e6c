/// A command line taken apart by getopt_long's conventions: `--name value`, `--name=value`, `-n value`, `--`.
struct Arguments {
    /// An option that a command knows.
    struct Option {
        var name: String
        var short: Character?
        /// What its value is called in help; nil for a flag.
        var value: String?
        var help: String

        init(_ name: String, short: Character? = nil, value: String? = nil, _ help: String) {
            self.name = name
            self.short = short
            self.value = value
            self.help = help
        }
    }

    struct UsageError: Error {
        var message: String
    }

    private(set) var operands: [String] = []
    private var values: [String: String] = [:]

    init(_ words: [String], options: [Option]) throws(UsageError) {
        var rest = words[...]
        var isOperandsOnly = false
        while let word = rest.popFirst() {
            if isOperandsOnly || word == "-" || !word.hasPrefix("-") {
                operands.append(word)
            } else if word == "--" {
                isOperandsOnly = true
            } else {
                try take(word, &rest, options)
            }
        }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>, _ options: [Option]) throws(UsageError)
    {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isLong = word.hasPrefix("--")
        let found = options.first { option in
            isLong ? "--" + option.name == parts[0] : option.short.map { "-\($0)" } == parts[0]
        }
        guard let option = found else { throw UsageError(message: "unknown option \(parts[0])") }
        guard option.value != nil else {
            guard parts.count == 1 else { throw UsageError(message: "\(parts[0]) takes no value") }
            values[option.name] = ""
            return
        }
        if parts.count == 2 {
            values[option.name] = parts[1]
        } else if let value = rest.popFirst() {
            values[option.name] = value
        } else {
            throw UsageError(message: "\(parts[0]) needs a value")
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }
    func value(_ name: String) -> String? { values[name] }
}
