package import ConnectorCore

/// The status page: a status as HTML that needs no script. `StatusAssets` has its style and its script.
package struct StatusPage: Sendable {
    /// A page of a thousand connectors would be megabytes every few seconds; those in trouble come first.
    package static let maximumConnectors = 100

    private let status: DaemonStatus

    package init(_ status: DaemonStatus) {
        self.status = status
    }

    package var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <link rel="stylesheet" href="/status.css">
        <noscript><meta http-equiv="refresh" content="30"></noscript>
        <script src="/status.js" defer></script>
        </head>
        <body>
        <main id="status">
        \(header)
        \(connectors)
        \(footer)
        </main>
        </body>
        </html>

        """
    }

    private var title: String {
        let troubled = status.connectors.count { $0.reason != nil }
        return (troubled > 0 ? "(\(troubled)) " : "") + "aitbc-connectord"
    }

    private var header: String {
        let counts = Dictionary(grouping: status.connectors, by: \.state).mapValues(\.count)
        let chips = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { state, count in
            "<li class=\"chip \(Self.tone(state))\">\(count) \(state)</li>"
        }
        let daemon = status.daemon.map { "\($0.version), running for \(Self.span(status.at - $0.started))" } ?? ""
        return """
            <header>
            <h1>aitbc-connectord <small>\(daemon.escapedForHTML)</small></h1>
            <ul class="chips" aria-label="Connectors by state">\(chips.joined())</ul>
            </header>
            """
    }

    private var connectors: String {
        guard !status.connectors.isEmpty else {
            return "<p>There are no connectors. <code>aitbc-connectord init</code> writes one.</p>"
        }
        let streams = Dictionary(grouping: status.streams.filter { $0.state != .removed }, by: \.connector)
        let sorted = status.connectors.sorted { left, right in
            (left.reason == nil ? 1 : 0, left.name) < (right.reason == nil ? 1 : 0, right.name)
        }
        let shown = sorted.prefix(Self.maximumConnectors).map { section($0, streams[$0.name] ?? []) }
        let rest = sorted.count - shown.count
        let more =
            rest > 0 ? ["<p>\(rest) more connectors without trouble are in <a href=\"/status.json\">JSON</a>.</p>"] : []
        return (shown + more).joined(separator: "\n")
    }

    private func section(_ row: DaemonStatus.Connector, _ streams: [DaemonStatus.Stream]) -> String {
        let name = row.name.escapedForHTML
        let reason = row.reason.map { "<p class=\"reason\">\($0.escapedForHTML)</p>" } ?? ""
        let hook = row.webhook.map { "<p class=\"note\">\(Self.text($0, at: status.at).escapedForHTML)</p>" } ?? ""
        return """
            <section aria-labelledby="c-\(name)">
            <h2 id="c-\(name)">\(name) <span class="chip \(Self.tone(row.state))">\(row.state)</span></h2>
            \(reason)\(hook)
            \(table(streams, of: row))
            </section>
            """
    }

    private func table(_ streams: [DaemonStatus.Stream], of row: DaemonStatus.Connector) -> String {
        guard !streams.isEmpty else { return "" }
        return """
            <div class="scroll"><table>
            <thead><tr><th scope="col">Stream</th><th scope="col">State</th><th scope="col">Last success</th>\
            <th scope="col">Next run</th><th scope="col" class="n">Today</th><th scope="col" class="n">Records</th>\
            <th scope="col" class="n">Dead letters</th><th scope="col">Last 24 hours</th></tr></thead>
            <tbody>
            \(streams.map { line($0, told: row.reason) }.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func line(_ row: DaemonStatus.Stream, told: String?) -> String {
        let success = row.lastSuccess.map { "\(Self.span(status.at - $0)) ago" } ?? "never"
        let next = row.nextRun.map { $0 <= status.at ? "now" : "in \(Self.span($0 - status.at))" } ?? "–"
        let waiting = row.waitingEvents > 0 ? " · \(Counted.text(row.waitingEvents, "event")) waiting" : ""
        var cells = """
            <tr><th scope="row">\(row.stream.escapedForHTML)</th>\
            <td><span class="chip \(Self.tone(row.state.rawValue))">\(row.state.rawValue)</span>\(waiting)</td>\
            <td>\(success)</td><td>\(next)</td><td class="n">\(row.recordsToday)</td><td class="n">\(row.records)</td>\
            <td class="n\(row.deadLetters > 0 ? " bad" : "")">\(row.deadLetters)</td>\
            <td>\(ActivityChart(row.activity, until: status.at).svg)</td></tr>
            """
        if let error = row.lastRun?.error, error != told {
            let when = row.lastRun?.ended.map { "\(Self.span(status.at - $0)) ago: " } ?? ""
            cells += "\n<tr class=\"error\"><td colspan=\"8\">\(when)\(error.escapedForHTML)</td></tr>"
        }
        for doubt in row.doubts ?? [] {
            cells += "\n<tr class=\"\(doubt.mayMissRecords ? "error" : "doubt")\"><td colspan=\"8\">"
            cells += "\(doubt.text.escapedForHTML)</td></tr>"
        }
        return cells
    }

    private var footer: String {
        """
        <footer>As of <time datetime="\(status.at.iso8601())">\(status.at.iso8601(fractionDigits: 0))</time>. \
        Days and hours are UTC. <a href="/status.json">JSON</a> · <a href="/metrics">metrics</a></footer>
        """
    }

    private static func text(_ hook: DaemonStatus.Webhook, at now: Instant) -> String {
        let refused = hook.refused.values.reduce(0, +)
        let last = hook.lastEvent.map { "last \(span(now - $0)) ago" } ?? "none came yet"
        return "Webhook: \(Counted.text(hook.accepted, "event")) kept since the start, \(last)"
            + (refused > 0 ? "; \(Counted.text(refused, "request")) refused" : "")
    }

    private static func span(_ span: Duration) -> String {
        span < .seconds(1) ? "0 s" : Duration.seconds(span.components.seconds).friendlyText
    }

    private static func tone(_ state: String) -> String {
        switch state {
        case "blocked", "disabled": "bad"
        case "failing", "backing off", "draining": "warn"
        case "syncing": "busy"
        default: "calm"
        }
    }
}

/// What a stream delivered, hour by hour, as a small picture; hours with failures are marked.
package struct ActivityChart: Sendable {
    private static let hours = 24
    private static let barWidth = 6
    private static let height = 24

    private let activity: [Instant: ActivityHour]
    private let last: Instant

    package init(_ activity: [ActivityHour], until now: Instant) {
        last = Instant(seconds: ActivityHour.number(of: now) * 3_600)
        let first = last - .seconds(3_600 * Int64(Self.hours - 1))
        self.activity = Dictionary(activity.filter { $0.hour >= first }.map { ($0.hour, $0) }) { first, _ in first }
    }

    package var svg: String {
        let hours = (0..<Self.hours).map { last - .seconds(3_600 * Int64(Self.hours - 1 - $0)) }
        let most = activity.values.map { $0.records + $0.deletes }.max() ?? 0
        let bars = hours.enumerated().compactMap { place, hour in activity[hour].map { bar(place, $0, most) } }
        let sum = activity.values.reduce(Int64(0)) { $0 + $1.records + $1.deletes }
        let failures = activity.values.reduce(Int64(0)) { $0 + $1.failures }
        let label = "\(Counted.text(sum, "record")), \(Counted.text(failures, "failed run"))"
        let width = Self.hours * Self.barWidth
        return "<svg viewBox=\"0 0 \(width) \(Self.height)\" width=\"\(width)\" height=\"\(Self.height)\" role=\"img\" "
            + "aria-label=\"\(label)\">\(bars.joined())</svg>"
    }

    /// At least so high that one record among thousands is seen, and a failure; a run without either is on the ground.
    private func bar(_ place: Int, _ hour: ActivityHour, _ most: Int64) -> String {
        let count = hour.records + hour.deletes
        let height = count == 0 || most == 0 ? 1 : Int(Double(count) / Double(most) * Double(Self.height))
        let seen = max(height, hour.failures > 0 ? 4 : count > 0 ? 2 : 1)
        let tone = hour.failures > 0 ? "failed" : "good"
        let clock = String(hour.hour.iso8601(fractionDigits: 0).dropFirst(11).prefix(5))
        let failures = hour.failures > 0 ? ", \(Counted.text(hour.failures, "failed run"))" : ""
        return "<rect class=\"\(tone)\" x=\"\(place * Self.barWidth)\" y=\"\(Self.height - seen)\" "
            + "width=\"\(Self.barWidth - 1)\" height=\"\(seen)\">"
            + "<title>\(clock): \(Counted.text(count, "record"))\(failures)</title></rect>"
    }
}

extension String {
    /// Safe in text and in quoted attributes.
    package var escapedForHTML: String {
        var result = ""
        for character in unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
