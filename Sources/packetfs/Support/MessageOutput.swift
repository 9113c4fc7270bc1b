import Glibc
import PacketFS

/// Where a sealed message goes: a new file, or standard output if nobody would see it as text. Of a message that does not
/// come whole, no file is left.
final class MessageOutput {
    private let descriptor: Int32
    /// The file, until it is whole.
    private var unfinished: String?

    init(file: String?, _ output: Output) throws {
        if let file {
            descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw Self.failure(errno, "\(file) cannot be made")
            }
            unfinished = file
        } else {
            guard !output.isJSON, !Console.output.isTerminal else {
                throw PacketFSError(
                    .usage, "the message would go to standard output", hint: "name a file with --message")
            }
            descriptor = dup(STDOUT_FILENO)
        }
    }

    deinit {
        close(descriptor)
        if let unfinished { unlink(unfinished) }
    }

    /// The message was written to its end.
    func finish() {
        unfinished = nil
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Self.failure(
                    errno, "the message could not be written", hint: "it is kept; see packetfs pad kept --help")
            }
        }
    }

    private static func failure(_ number: Int32, _ what: String, hint: String? = nil) -> PacketFSError {
        let isFull = number == ENOSPC || number == EDQUOT
        return PacketFSError(
            isFull ? .diskFull : .destination, "\(what): \(String(cString: strerror(number)))", hint: hint)
    }
}
