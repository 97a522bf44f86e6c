/// A cron expression of five fields as Vixie cron reads them: minute, hour, day of month, month, day of week; or
/// `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
///
/// If both day fields are restricted, a day that fits either is meant; if one of them begins with `*`, a day has to fit
/// both (so `*/2` in one is a further condition on the other).
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As written.
    package let description: String
    let minutes: CronField
    let hours: CronField
    let daysOfMonth: CronField
    let months: CronField
    let daysOfWeek: CronField

    private static let nicknames = [
        "@hourly": "0 * * * *",
        "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    ]

    package init(_ text: String) throws(CronError) {
        let fields = try CronExpression.fields(of: text)
        description = text
        minutes = try CronFieldRule.minute.parse(fields[0])
        hours = try CronFieldRule.hour.parse(fields[1])
        daysOfMonth = try CronFieldRule.dayOfMonth.parse(fields[2])
        months = try CronFieldRule.month.parse(fields[3])
        daysOfWeek = try CronFieldRule.dayOfWeek.parse(fields[4])
        guard canMatch else {
            throw CronError(
                field: .dayOfMonth,
                message: "\(fields[2]) does not exist in month \(fields[3]), so this would never run"
            )
        }
    }

    private static func fields(of text: String) throws(CronError) -> [Substring] {
        let fields = text.split { $0 == " " || $0 == "\t" }
        if fields.count == 1, fields[0].first == "@" {
            guard let meaning = nicknames[fields[0].lowercased()] else {
                let known = "@hourly, @daily, @weekly, @monthly and @yearly"
                throw CronError(field: nil, message: "“\(fields[0])” is not known; \(known) are")
            }
            return meaning.split(separator: " ")
        }
        guard fields.count == 5 else {
            let needed = "five fields (minute, hour, day of month, month, day of week)"
            throw CronError(field: nil, message: "“\(text)” has \(fields.count) fields; cron needs \(needed)")
        }
        return fields
    }

    /// Some date fits. Every date that exists falls on each day of the week within 400 years, so the days of the week
    /// cannot rule one out, though they can make it rare.
    private var canMatch: Bool {
        guard daysOfMonth.isStar || daysOfWeek.isStar else { return true }
        return (1...12).contains { month in
            // A leap year: February 29 counts.
            months.contains(month)
                && (1...CivilTime.daysInMonth(month, year: 2000)).contains(where: daysOfMonth.contains)
        }
    }

    func matches(month: Int, day: Int, weekday: Int) -> Bool {
        guard months.contains(month) else { return false }
        let fitsMonth = daysOfMonth.contains(day)
        let fitsWeek = daysOfWeek.contains(weekday)
        return daysOfMonth.isStar || daysOfWeek.isStar ? fitsMonth && fitsWeek : fitsMonth || fitsWeek
    }
}
