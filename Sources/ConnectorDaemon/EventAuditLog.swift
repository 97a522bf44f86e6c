package import AITBCConnectors
package import ConnectorCore

/// Writes audit records to the log, where the journal keeps them with their fields.
package struct EventAuditLog: AuditLog {
    private let events: any EventSink

    package init(_ events: any EventSink) {
        self.events = events
    }

    package func record(_ record: AuditRecord) async {
        let line: String
        do {
            line = try JSONValueEncoder().encode(record).text
        } catch {
            // Texts, numbers and times always encode; a record must not vanish should that ever change.
            line = "\(record.operation) \(record.outcome)"
        }
        events.record(.audited(connector: record.actor, line: line, succeeded: record.outcome == "succeeded"))
    }
}
