import Glibc
import PacketFS
import Synchronization

/// The person at the terminal, asked without echo. One question at a time.
final class SecretTerminal: Sendable {
    private let descriptor: Int32
    private let turn = Mutex(())

    /// `nil` if the process has no terminal.
    init?() {
        descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Asks until the two entries of a new passphrase are the same; `nil` after ctrl-D on an empty line.
    func answer(_ request: SecretRequest, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        turn.withLock { _ in
            switch request {
            case .passphrase(let file): ask("Passphrase of \(file.printable): ", into: buffer)
            case .pin(let token): ask("PIN of the token '\(token.printable)': ", into: buffer)
            case .newPassphrase(let file): askTwice("New passphrase for \(file.printable): ", into: buffer)
            case .optionalPassphrase(let file):
                askTwice(
                    "New passphrase for \(file.printable) (empty: its mode 0600 alone protects it): ", into: buffer)
            }
        }
    }

    private func askTwice(_ prompt: String, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        while true {
            guard let count = ask(prompt, into: buffer) else { return nil }
            if count == 0 { return 0 }
            let first = LockedLine(copying: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            guard let again = ask("The same again: ", into: buffer) else { return nil }
            if first.isEqual(to: UnsafeRawBufferPointer(rebasing: buffer[..<again])) { return again }
            Console(descriptor: descriptor).write("They differ.")
        }
    }

    private func ask(_ prompt: String, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let console = Console(descriptor: descriptor)
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else { return nil }
        var silent = before
        // Signals too are read as bytes: no ctrl-C may leave the terminal without echo.
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else { return nil }
        // Only now: what is typed before the echo is off would show, and is thrown away.
        // Over the line that shows the progress.
        console.writeRaw("\r" + prompt)
        let count = readLine(into: buffer)
        tcsetattr(descriptor, TCSAFLUSH, &before)
        console.write("")
        if case .interrupted = count { _exit(ExitStatus.code(for: .interrupted)) }
        guard case .line(let bytes) = count else { return nil }
        return bytes
    }

    private enum Entry {
        case line(Int)
        case nothing
        case interrupted
    }

    private func readLine(into buffer: UnsafeMutableRawBufferPointer) -> Entry {
        var line = SecretLine(into: buffer)
        line.clear()
        var byte: UInt8 = 0
        defer { byte = 0 }
        while true {
            let count = Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .nothing }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .line(line.count)
            case 0x03: return .interrupted
            case 0x04: return line.count > 0 ? .line(line.count) : .nothing
            case 0x08, 0x7f: line.removeLast()
            case 0x15: line.clear()
            default: line.append(byte)
            }
        }
    }
}
