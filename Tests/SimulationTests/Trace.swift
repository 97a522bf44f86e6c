/// What happened, for the replay of one seed; empty otherwise.
struct Trace {
    let isOn: Bool

    func note(_ text: @autoclosure () -> String) {
        if isOn { print(text()) }
    }
}
