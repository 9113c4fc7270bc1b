import CLinux
import Glibc
import PacketFSWire

/// An open file or folder, closed with its last reference.
final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func status() throws(FileFault) -> FileStatus {
        var raw = stat()
        _ = try check(fstat(descriptor, &raw))
        return FileStatus(raw)
    }

    /// Bytes read from `offset`; fewer than asked for only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFault) -> Int {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let count = pread(descriptor, base + done, buffer.count - done, Int(offset) + done)
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            done += try check(count)
        }
        return done
    }
}

/// An open folder. Names in it are single components, so no call made through it leaves it.
final class Folder: Sendable {
    let file: OpenFile
    let device: UInt64

    var descriptor: Int32 { file.descriptor }

    init(_ file: OpenFile) throws(FileFault) {
        self.file = file
        device = try file.status().key.device
    }

    func status(of name: Name) throws(FileFault) -> FileStatus {
        var raw = stat()
        let result = name.withCString { fstatat(descriptor, $0, &raw, AT_SYMLINK_NOFOLLOW) }
        _ = try check(result)
        return FileStatus(raw)
    }

    /// As `status(of:)`, but `nil` if nothing stands there.
    func statusIfAny(of name: Name) throws(FileFault) -> FileStatus? {
        do {
            return try status(of: name)
        } catch {
            guard error.isAbsence else { throw error }
            return nil
        }
    }

    /// Opens a regular file for reading.
    func open(_ name: Name, flags: Int32 = O_RDONLY) throws(FileFault) -> OpenFile {
        let opened = name.withCString { pfs_openat(descriptor, $0, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0) }
        let file = OpenFile(try checkShim(opened))
        guard try file.status().isFile else { throw .system(ELOOP) }
        return file
    }

    func target(ofSymlink name: Name) throws(FileFault) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = name.withCString { path in
            buffer.withUnsafeMutableBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { buffer in
                    buffer.baseAddress.map { readlinkat(descriptor, path, $0, buffer.count) } ?? -1
                }
            }
        }
        return Array(buffer.prefix(try check(count)))
    }

    /// The names in it, without `.` and `..`, in no order.
    func names() throws(FileFault) -> [Name] {
        let again = try checkShim(pfs_openat(descriptor, ".", O_RDONLY | O_DIRECTORY, 0))
        guard let stream = fdopendir(again) else {
            defer { close(again) }
            throw .system(errno)
        }
        defer { closedir(stream) }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if let name = Name(bytes) { names.append(name) }
        }
        guard errno == 0 else { throw .system(errno) }
        return names
    }
}
