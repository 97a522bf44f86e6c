/// A secret that a connector's requests carry, by a name that stays when a key is replaced by another.
package struct NamedSecret: Sendable, Equatable {
    package let name: String
    package let secret: Secret

    package init(_ name: String, _ secret: Secret) {
        self.name = name
        self.secret = secret
    }
}
