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
                throw PacketFSError(.destination, "\(file) cannot be made: \(String(cString: strerror(errno)))")
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
                throw PacketFSError(
                    .destination, "the message could not be written: \(String(cString: strerror(errno)))",
                    hint: "it is kept; see packetfs pad kept --help")
            }
        }
    }
}
