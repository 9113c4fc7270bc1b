import Glibc
package import PacketFSWire

/// Says that a transfer of this home runs, to every thread and process that has the home open: a locked file in the
/// state folder. It ends when let go, or with its process; a transfer in the journal that nobody claims was
/// interrupted.
///
/// The lock is one of the open file (`F_OFD_SETLK`): unlike that of `flock`, it can be asked for without being taken.
package final class TransferClaim: Sendable {
    package let transfer: TransferID
    private let path: String
    private let descriptor: Int32

    private init(_ transfer: TransferID, path: String, descriptor: Int32) {
        self.transfer = transfer
        self.path = path
        self.descriptor = descriptor
    }

    /// The name goes first: who finds it afterwards makes a file of its own.
    deinit {
        unlink(path)
        close(descriptor)
    }

    /// `nil` while another has it.
    static func take(_ transfer: TransferID, in folder: String) throws(StoreError) -> TransferClaim? {
        let path = path(of: transfer, in: folder)
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw errno == ENOSPC ? .diskFull : .notWritable }
            var lock = exclusive
            guard fcntl(descriptor, Self.setLock, &lock) == 0 else {
                let number = errno
                close(descriptor)
                guard number == EAGAIN || number == EACCES else { throw .notWritable }
                return nil
            }
            if isNamed(path, descriptor) { return TransferClaim(transfer, path: path, descriptor: descriptor) }
            // Its last owner let go between the two calls.
            close(descriptor)
        }
    }

    /// Whether somebody has it. Nothing is made or locked: whoever claims it meanwhile meets nobody.
    static func isHeld(_ transfer: TransferID, in folder: String) throws(StoreError) -> Bool {
        let descriptor = open(path(of: transfer, in: folder), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .notWritable }
            return false
        }
        defer { close(descriptor) }
        var lock = exclusive
        guard fcntl(descriptor, Self.getLock, &lock) == 0 else { throw .notWritable }
        return lock.l_type != Int16(F_UNLCK)
    }

    /// `F_OFD_GETLK` and `F_OFD_SETLK`, which the module of the C library lacks.
    private static let (getLock, setLock): (Int32, Int32) = (36, 37)

    private static func path(of transfer: TransferID, in folder: String) -> String {
        folder + "/" + transfer.bytes.hexadecimal
    }

    /// Of the whole file.
    private static var exclusive: flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }

    private static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var named = stat()
        var opened = stat()
        return lstat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino
            && named.st_dev == opened.st_dev
    }
}

extension Store {
    /// Claims a transfer, to run it or to take away what it left. `nil` if it runs.
    package func claim(_ transfer: TransferID) throws(StoreError) -> TransferClaim? {
        try TransferClaim.take(transfer, in: claims)
    }

    package func isRunning(_ transfer: TransferID) throws(StoreError) -> Bool {
        try TransferClaim.isHeld(transfer, in: claims)
    }
}
