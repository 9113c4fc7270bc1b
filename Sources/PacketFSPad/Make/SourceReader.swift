internal import Glibc
internal import PacketFSWire

/// What a pad is filled from.
final class SourceReader {
    /// What the system itself generates, under any of its names.
    static let system = "system"

    let source: PadSource
    private let descriptor: Int32

    /// `path`: `system`, a character device or a plain file.
    init(_ path: String) throws(PadError) {
        let file = path == Self.system ? "/dev/urandom" : path
        var status = stat()
        guard stat(file, &status) == 0 else { throw .sourceUnusable(errno: errno) }
        // A pipe would keep us waiting at its opening already.
        guard let kind = Self.kind(status) else { throw .sourceUnusable(errno: EINVAL) }
        descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .sourceUnusable(errno: errno) }
        source = PadSource(kind: kind, name: Self.name(of: path))
    }

    deinit {
        close(descriptor)
    }

    /// `/dev/random` and `/dev/urandom` (1:8, 1:9) are the kernel's generator whatever their file is called.
    private static func kind(_ status: stat) -> PadSourceKind? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFCHR:
            status.st_rdev == device(1, 8) || status.st_rdev == device(1, 9) ? .system : .hardware
        default: nil
        }
    }

    private static func device(_ major: UInt, _ minor: UInt) -> UInt { major << 8 | minor }

    /// The end of a path that is too long says more than its beginning.
    private static func name(of path: String) -> String {
        var name = path[...]
        while name.utf8.count > Limits.padSource { name = name.dropFirst() }
        return String(name)
    }

    /// Fills the buffer; throws `sourceTooShort` if the source ends before.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(PadError) {
        var done = 0
        while done < buffer.count {
            let count = read(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            if count > 0 {
                done += count
            } else if count == 0 {
                throw .sourceTooShort
            } else if errno != EINTR {
                throw .sourceUnusable(errno: errno)
            }
        }
    }
}
