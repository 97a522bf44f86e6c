/// What an account holds, by currency.
public struct Balance: Sendable, Hashable, Codable {
    /// Money of one currency.
    public struct Amount: Sendable, Hashable, Codable {
        /// In the smallest unit of the currency; may be negative.
        public var amount: Int
        /// ISO 4217.
        public var currency: String

        /// An amount of a currency.
        public init(amount: Int, currency: String) {
            self.amount = amount
            self.currency = currency
        }
    }

    /// Can be paid out now.
    public var available: [Amount]
    /// On its way.
    public var pending: [Amount]

    /// What is there, and what is on its way.
    public init(available: [Amount], pending: [Amount] = []) {
        self.available = available
        self.pending = pending
    }
}
