import PacketFS

/// What a command tells, and to whom: lines for a person, or one JSON object a line for a program.
struct Output: Sendable {
    /// Events on standard output instead of text.
    var isJSON = false
    /// Nothing but errors; with `isJSON`, only the last event and warnings.
    var isQuiet = false
    var output = Console.output
    var error = Console.error

    /// Whether a progress line is drawn.
    var showsProgressLine: Bool { !isJSON && !isQuiet && error.isTerminal }

    /// A result: the event for programs, or the lines for people. Results are shown even when quiet if they were the
    /// purpose of the command.
    func result(_ event: some Encodable, lines: [String]) {
        if isJSON {
            self.event(event)
        } else {
            lines.forEach(output.write)
        }
    }

    /// A remark for people that the command can do without.
    func remark(_ text: String) {
        if !isJSON, !isQuiet { output.write(text) }
    }

    /// A warning for people, also when quiet; programs have an event of their own for it.
    func warn(_ text: String) {
        if !isJSON { error.write("packetfs: warning: \(text)") }
    }

    /// A line for programs.
    func event(_ event: some Encodable) {
        if isJSON { output.write(JSONLine.text(event)) }
    }

    /// Why the command failed.
    func failure(_ failure: PacketFSError) {
        event(ErrorEvent(failure))
        error.write("packetfs: \(failure.message.printable)")
        if let hint = failure.hint { error.write("  \(hint.printable)") }
    }
}
