extension Event {
    /// Stable for ever: a catalog text and people's filters hang on it.
    package var messageID: String {
        switch self {
        case .started: "5b0d8a3f6c1e4d27b9e0a4c6f1d20001"
        case .stopping: "5b0d8a3f6c1e4d27b9e0a4c6f1d20002"
        case .stopped: "5b0d8a3f6c1e4d27b9e0a4c6f1d20003"
        case .configurationRefused: "5b0d8a3f6c1e4d27b9e0a4c6f1d20004"
        case .connectorDisabled: "5b0d8a3f6c1e4d27b9e0a4c6f1d20005"
        case .configurationWarning: "5b0d8a3f6c1e4d27b9e0a4c6f1d20006"
        case .reloaded: "5b0d8a3f6c1e4d27b9e0a4c6f1d20007"
        case .runStarted: "5b0d8a3f6c1e4d27b9e0a4c6f1d20008"
        case .runSucceeded: "5b0d8a3f6c1e4d27b9e0a4c6f1d20009"
        case .runFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000a"
        case .runInterrupted: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000b"
        case .recovered: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001d"
        case .connectorBlocked: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000c"
        case .retrying: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000d"
        case .quotaPause: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000e"
        case .doubted: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000f"
        case .doubtSettled: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001e"
        case .blip: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001f"
        case .planChanged: "5b0d8a3f6c1e4d27b9e0a4c6f1d20050"
        case .walkRestarted: "5b0d8a3f6c1e4d27b9e0a4c6f1d20010"
        case .stillChanging: "5b0d8a3f6c1e4d27b9e0a4c6f1d20011"
        case .deadLettered: "5b0d8a3f6c1e4d27b9e0a4c6f1d20017"
        case .stateFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d20013"
        case .notifyFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d20014"
        case .unresponsive: "5b0d8a3f6c1e4d27b9e0a4c6f1d20015"
        case .audited: "5b0d8a3f6c1e4d27b9e0a4c6f1d20016"
        case .listening: "5b0d8a3f6c1e4d27b9e0a4c6f1d20018"
        case .listenerFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d20019"
        case .controlFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001c"
        case .webhookRefused: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001a"
        case .eventsOrphaned: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001b"
        }
    }
}
