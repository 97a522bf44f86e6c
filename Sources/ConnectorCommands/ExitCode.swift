/// What the process's exit status says (sysexits.h; `RestartPreventExitStatus=78` in the unit).
enum ExitCode: Int32, Comparable {
    static func < (left: ExitCode, right: ExitCode) -> Bool { left.rawValue < right.rawValue }

    case success = 0
    /// A sync or a check found a failure.
    case failure = 1
    case usage = 64
    case unavailable = 69
    case `internal` = 70
    case stateIO = 74
    case temporary = 75
    case configuration = 78
}
