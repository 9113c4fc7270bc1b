import PacketFS

/// Who is asked for passphrases and PINs: a file descriptor that was named, else the person at the terminal, else
/// nobody. Never an argument, never the environment.
enum Secrets {
    /// Throws `usage` if the descriptor is not open.
    static func source(descriptor: Int32?) throws -> SecretAnswering? {
        if let descriptor {
            let lines = try SecretLines(descriptor: descriptor)
            return { _, buffer in lines.next(into: buffer) }
        }
        guard Console.input.isTerminal, let terminal = SecretTerminal() else { return nil }
        return { request, buffer in terminal.answer(request, into: buffer) }
    }
}

/// The bytes of a line, without its end, written one by one into memory that the caller wipes.
struct SecretLine {
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(into buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    /// Bytes beyond the buffer are not taken: such an answer is wrong anyway.
    mutating func append(_ byte: UInt8) {
        guard count < buffer.count else { return }
        buffer[count] = byte
        count += 1
    }

    /// Takes the last character back, all bytes of it.
    mutating func removeLast() {
        while count > 0 {
            count -= 1
            let byte = buffer[count]
            buffer[count] = 0
            if byte & 0xc0 != 0x80 { return }
        }
    }

    mutating func clear() {
        while count > 0 { removeLast() }
    }
}
