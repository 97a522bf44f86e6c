/// What lies beside configuration files, is not read, and may well have been meant to be.
package enum StrayFile {
    /// Other ways to write a configuration.
    private static let endings: Set = ["json", "json5", "jsonc", "yaml", "yml", "toml", "conf", "cfg", "ini"]
    /// What editors, packages and people leave behind or put aside: nobody waits for it.
    private static let leftovers: Set = [
        "bak", "old", "orig", "rej", "save", "swp", "swo", "tmp", "disabled", "off", "rpmsave", "rpmnew", "ucf-dist",
        "ucf-old", "ucf-new", "dpkg-old", "dpkg-new", "dpkg-dist", "dpkg-tmp", "dpkg-bak", "md", "example", "sample",
    ]

    /// Whether somebody may take the file of this name for one that counts; never so for `NAME.json5`.
    package static func mayBeMeant(_ name: String) -> Bool {
        guard !name.hasPrefix("."), !name.hasPrefix("#"), !name.hasSuffix("~"), !name.hasSuffix(".json5") else {
            return false
        }
        let parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let ending = parts.last.map(String.init) else { return parts[0] != "readme" }
        // `shop.json5.txt` is what some editors make of it.
        return !leftovers.contains(ending) && (endings.contains(ending) || parts.dropLast().contains("json5"))
    }
}
