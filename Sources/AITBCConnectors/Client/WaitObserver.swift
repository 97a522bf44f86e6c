/// Hears when a request is held back until its turn, and when it goes on: for whoever watches over its progress.
package protocol WaitObserver: Sendable {
    func waitBegan()
    func waitEnded()
}
