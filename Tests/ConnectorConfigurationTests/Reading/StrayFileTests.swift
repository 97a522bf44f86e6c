import ConnectorConfiguration
import Testing

struct StrayFileTests {
    @Test(arguments: [
        "shop.json", "shop.yaml", "shop.yml", "shop.YML", "shop.JSON5", "shop.Json5", "shop.toml", "shop.conf", "shop",
        "shop.json5.txt", "shop.eu.yaml", "shop.jsonc",
    ])
    func `what may be meant as a connector is told of`(name: String) {
        #expect(StrayFile.mayBeMeant(name))
    }

    @Test(arguments: [
        "shop.json5", ".shop.json5.swp", "shop.json5~", "#shop.json5#", "shop.json5.bak", "shop.json5.dpkg-old",
        "shop.json5.disabled", "README", "README.md", "notes.txt", ".gitkeep", "shop.json.orig",
    ])
    func `what is read, left behind or put aside is not`(name: String) {
        #expect(!StrayFile.mayBeMeant(name))
    }
}
