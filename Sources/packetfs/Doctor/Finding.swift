/// What one look at the machine came to.
struct Finding: Equatable {
    /// How much it matters.
    enum State: String {
        /// It holds.
        case ok
        /// It could be better.
        case advice
        /// Secrets or the home are at risk.
        case problem
        /// It cannot be known from here.
        case unknown
    }

    /// What was looked at, in a word or two.
    var subject: String
    var state: State
    /// What was seen.
    var reading: String
    /// The line that mends it, for a root shell unless it says otherwise; `nil` if there is nothing to mend.
    var fix: String?

    init(_ subject: String, _ state: State, _ reading: String, fix: String? = nil) {
        self.subject = subject
        self.state = state
        self.reading = reading
        self.fix = fix
    }
}
