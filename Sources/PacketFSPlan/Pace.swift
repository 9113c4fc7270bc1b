/// How fast a link takes what it is given.
package struct Pace: Equatable, Sendable {
    /// Bytes per second while it has any to take.
    package var rate: Double
    /// Seconds for which it is busy with what it was given.
    package var slack: Double
    /// Whether it took enough for these to be more than a first guess, which is too low on a long way.
    package var isSettled: Bool

    package init(rate: Double, slack: Double, isSettled: Bool = true) {
        self.rate = rate
        self.slack = slack
        self.isSettled = isSettled
    }
}
