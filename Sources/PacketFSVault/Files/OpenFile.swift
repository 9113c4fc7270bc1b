internal import CLinux
internal import Glibc
internal import PacketFSSecrets

/// An open file, closed with its owner.
struct OpenFile: ~Copyable {
    private let number: Int32

    /// Opens; what it makes has mode 0600.
    init(opening path: String, _ flags: Int32) throws(VaultError) {
        number = open(path, flags, 0o600)
        guard number >= 0 else { throw VaultError(errno) }
    }

    deinit {
        close(number)
    }

    /// Throws unless the file is plain, ours, with one name, and nobody else's to read or write.
    borrowing func requirePrivate() throws(VaultError) {
        let status = try plainStatus()
        guard status.st_uid == geteuid() else { throw .foreignOwner }
        guard status.st_mode & 0o077 == 0 else { throw .readableByOthers }
    }

    /// Throws unless the file is plain, ours or root's, and for nobody but its owner and those whom its group bits, the
    /// mask of an access list, let read.
    borrowing func requireCredential() throws(VaultError) {
        let status = try plainStatus()
        guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .foreignOwner }
        guard status.st_mode & 0o037 == 0 else { throw .readableByOthers }
    }

    private borrowing func plainStatus() throws(VaultError) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw VaultError(errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { throw .notAPlainFile }
        return status
    }

    /// Inode and, where it is known, time of birth. Numbers of devices are given anew with each start.
    borrowing func identity() throws(VaultError) -> String {
        var identity: [UInt64] = [0, 0, 0, 0]
        let result = pfs_file_identity(number, &identity)
        guard result == 0 else { throw VaultError(-result) }
        return identity.dropFirst().map { String($0, radix: 16) }.joined(separator: "-")
    }

    /// Reads up to the end of the file or of the buffer.
    borrowing func readAll(into buffer: UnsafeMutableRawBufferPointer) throws(VaultError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = read(number, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            if count == 0 { break }
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                throw VaultError(errno)
            }
        }
        return filled
    }

    /// Writes everything, from the start of the file, and waits until it is stored.
    borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(VaultError) {
        guard fchmod(number, 0o600) == 0 else { throw VaultError(errno) }
        let result = pfs_write_all(number, bytes.baseAddress, bytes.count, 0, pwrite)
        guard result == 0 else { throw VaultError(-result) }
        try sync()
    }

    /// Writes zeros over all of the file, in place.
    borrowing func overwrite() throws(VaultError) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw VaultError(errno) }
        let zeros = [UInt8](repeating: 0, count: Int(status.st_size))
        try zeros.span.bytes.withUnsafeBytes { bytes throws(VaultError) in try write(bytes) }
    }

    borrowing func sync() throws(VaultError) {
        guard fsync(number) == 0 else { throw VaultError(errno) }
    }
}
