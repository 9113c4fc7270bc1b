import Glibc

/// One of the standard streams of the process; the two for output are written at once and whole.
struct Console: Sendable {
    static let input = Console(descriptor: STDIN_FILENO)
    static let output = Console(descriptor: STDOUT_FILENO)
    static let error = Console(descriptor: STDERR_FILENO)

    let descriptor: Int32

    /// Whether a person looks at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Asks a question that only 'yes' answers with yes; nobody at a terminal means no.
    func confirms(_ question: String) -> Bool {
        guard isTerminal else { return false }
        Self.error.writeRaw("\(question) Type 'yes': ")
        return readLine() == "yes"
    }

    /// Writes a line. A reader that went away is not an error: there is nobody left to tell.
    func write(_ line: String) {
        writeRaw(line + "\n")
    }

    /// Writes text as it is.
    func writeRaw(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
