/// What the process uses.
package struct ProcessFigures: Sendable, Equatable {
    package var cpuSeconds: Double
    package var residentBytes: Int64
    package var openDescriptors: Int64

    package init(cpuSeconds: Double, residentBytes: Int64, openDescriptors: Int64) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
    }
}
