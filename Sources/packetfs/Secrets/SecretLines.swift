import Glibc
import PacketFS
import Synchronization

/// A file descriptor with one answer a line, in the order of the questions. The last line answers all that follow.
final class SecretLines: Sendable {
    private let descriptor: Int32
    private let last = Mutex<LockedLine?>(nil)

    init(descriptor: Int32) throws {
        guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
            throw PacketFSError(
                .usage, "file descriptor \(descriptor) is not open", hint: "such as: --secret-fd 3 3< FILE")
        }
        self.descriptor = descriptor
    }

    /// `nil` if there is no line at all.
    func next(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        last.withLock { last in
            if let line = read(into: buffer) {
                last = LockedLine(copying: UnsafeRawBufferPointer(rebasing: buffer[..<line]))
                return line
            }
            guard let last else { return nil }
            return last.copy(into: buffer)
        }
    }

    /// Byte by byte: nothing of a secret stays in a buffer, and what follows the line stays unread.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        var line = SecretLine(into: buffer)
        var byte: UInt8 = 0
        var isBegun = false
        while true {
            let count = Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { break }
            isBegun = true
            if byte == UInt8(ascii: "\n") { break }
            line.append(byte)
        }
        byte = 0
        return isBegun ? line.count : nil
    }
}
