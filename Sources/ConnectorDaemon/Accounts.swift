package import AITBCConnectors
package import ConnectorCore

/// One gate an account: connectors of the same host and credential share their limits, over reloads too.
package struct Accounts {
    private var gates: [String: AccountGate] = [:]
    private let clocks: any Clocks

    package init(clocks: any Clocks) {
        self.clocks = clocks
    }

    /// Where connectors of one account name different limits, the strictest counts.
    package mutating func gates(for connectors: [ConnectorDefinition]) -> [String: AccountGate] {
        var byConnector: [String: AccountGate] = [:]
        for (account, members) in Dictionary(grouping: connectors, by: \.account) {
            let strictest = members.filter { $0.rateLimit != nil }.min { ($0.rateLimit ?? 0) < ($1.rateLimit ?? 0) }
            let gate: AccountGate
            if let known = gates[account] {
                gate = known
                gate.update(rate: strictest?.rateLimit, burst: strictest?.burstLimit)
            } else {
                gate = AccountGate(rate: strictest?.rateLimit, burst: strictest?.burstLimit, clocks: clocks)
                gates[account] = gate
            }
            for member in members { byConnector[member.name] = gate }
        }
        return byConnector
    }
}
