import CLinux
import Glibc
import PacketFSPad
import PacketFSWire

/// A message as it comes, in a file without a name: nobody else can change it while it is checked and read, and nothing
/// is left of it after a crash.
final class IncomingMessage {
    let descriptor: Int32
    private(set) var length: UInt64 = 0

    /// - Parameter folder: whose file system keeps it.
    init(in folder: String) throws {
        let place = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw PadError(errno: errno) }
        defer { close(place) }
        let made = pfs_open_unnamed(place, 0o600)
        let hasNone = made == -EOPNOTSUPP || made == -EISDIR
        descriptor = try hasNone ? Self.unlinked(in: folder) : made
        guard descriptor >= 0 else { throw PadError(errno: -descriptor) }
    }

    deinit {
        close(descriptor)
    }

    /// Throws `notAuthentic` for more bytes than a message has.
    func append(_ bytes: ArraySlice<UInt8>) throws {
        length += UInt64(bytes.count)
        guard length <= (Limits.messageBlocks + 1) * UInt64(Limits.padBlock) else { throw PadError.notAuthentic }
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw PadError(errno: errno) }
            rest = rest.dropFirst(written)
        }
    }

    /// Reads a descriptor to its end.
    func append(from source: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PacketFSError(.source, "the message cannot be read") }
            if count == 0 { return }
            try append(buffer[..<count])
        }
    }

    /// For file systems that have no files without names: it loses its name at once.
    private static func unlinked(in folder: String) throws -> Int32 {
        let path = "\(folder)/incoming-\(getpid())"
        unlink(path)
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw PadError(errno: errno) }
        unlink(path)
        return file
    }
}
