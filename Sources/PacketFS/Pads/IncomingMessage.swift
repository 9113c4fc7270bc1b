import Glibc
import PacketFSPad
import PacketFSWire

/// A message as it came, in a file that nobody else can change while it is checked and read; removed with its owner.
struct IncomingMessage: ~Copyable {
    let path: String

    /// Reads the descriptor to its end. Throws `notAuthentic` for more bytes than a message has.
    init(from source: Int32, in folder: String) throws {
        let path = "\(folder)/incoming-\(getpid()).message"
        unlink(path)
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw PadError.system(errno) }
        defer { close(file) }
        do {
            try Self.copy(source, to: file)
        } catch {
            unlink(path)
            throw error
        }
        self.path = path
    }

    deinit {
        unlink(path)
    }

    private static func copy(_ source: Int32, to file: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let bound = (Limits.messageBlocks + 1) * UInt64(Limits.padBlock)
        var total: UInt64 = 0
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PacketFSError(.source, "the message cannot be read") }
            if count == 0 { return }
            total += UInt64(count)
            guard total <= bound else { throw PadError.notAuthentic }
            var rest = buffer[..<count]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw errno == ENOSPC ? PadError.diskFull : PadError.system(errno) }
                rest = rest.dropFirst(written)
            }
        }
    }
}
