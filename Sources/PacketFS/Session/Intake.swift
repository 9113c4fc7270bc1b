/// What came of bytes that were given to a session.
package struct Intake: Equatable, Sendable {
    /// What it waits for to go on with what the peer said.
    package enum Next: Sendable {
        /// Nothing is left: more bytes.
        case bytes
        /// Its next turn.
        case turn
        /// That output is produced, or that work is done.
        case output
    }

    /// Those that it needs no more.
    package let taken: Int
    package let next: Next
}
