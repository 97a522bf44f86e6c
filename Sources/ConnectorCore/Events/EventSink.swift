/// Where the daemon's parts report what happened.
package protocol EventSink: Sendable {
    func record(_ event: Event)
}

/// Turns events into log lines, with every known secret taken out whatever way it came in.
package struct RedactingEventSink: EventSink {
    private let sink: any LogSink
    private let redactor: Redactor

    package init(_ sink: any LogSink, redactor: Redactor) {
        self.sink = sink
        self.redactor = redactor
    }

    package func record(_ event: Event) {
        var entry = event.entry
        entry.message = redactor.redact(entry.message)
        entry.fields = entry.fields.map { (name: $0.name, value: redactor.redact($0.value)) }
        sink.write(entry)
    }
}
