internal import Glibc
internal import PacketFSWire

/// An open folder and the names in it, the last one first, without what is on its way into it.
final class FolderNames: Sendable {
    let path: [UInt8]
    let names: [[UInt8]]
    nonisolated(unsafe) private let stream: OpaquePointer

    var descriptor: Int32 { dirfd(stream) }

    /// Throws the system's error number, `E2BIG` above `bound` names.
    init(of path: [UInt8], beneath root: SourceRoot, atMost bound: Int) throws(SystemError) {
        let opened = root.open(path, flags: O_RDONLY | O_DIRECTORY)
        guard opened >= 0 else { throw SystemError(-opened) }
        guard let stream = fdopendir(opened) else {
            defer { close(opened) }
            throw SystemError(errno)
        }
        do throws(SystemError) {
            names = try Self.names(in: stream, atMost: bound)
        } catch {
            closedir(stream)
            throw error
        }
        self.path = path
        self.stream = stream
    }

    deinit { closedir(stream) }

    private static func names(in stream: OpaquePointer, atMost bound: Int) throws(SystemError) -> [[UInt8]] {
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = name(of: entry)
            guard name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] else { continue }
            guard names.count < bound else { throw SystemError(E2BIG) }
            if !UnfinishedName.matches(name) { names.append(name) }
        }
        guard errno == 0 else { throw SystemError(errno) }
        names.sort { precedes($1, $0) }
        return names
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let start = UnsafeRawPointer(entry) + offset
        return [UInt8](UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(first, second, min(left.count, right.count))
                return order < 0 || (order == 0 && left.count < right.count)
            }
        }
    }
}

/// A system call's error number.
struct SystemError: Error, Equatable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
}
