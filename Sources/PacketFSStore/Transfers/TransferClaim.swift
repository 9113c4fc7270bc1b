import Glibc
package import PacketFSWire

/// Says that a transfer of this home runs, to every thread and process that has the home open: a locked file in the
/// state folder. It ends when let go, or with its process; a transfer in the journal that nobody claims was
/// interrupted.
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
        let path = folder + "/" + transfer.bytes.hexadecimal
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw errno == ENOSPC ? .diskFull : .notWritable }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let number = errno
                close(descriptor)
                guard number == EWOULDBLOCK || number == EINTR else { throw .notWritable }
                if number == EINTR { continue }
                return nil
            }
            if isNamed(path, descriptor) { return TransferClaim(transfer, path: path, descriptor: descriptor) }
            // Its last owner let go between the two calls.
            close(descriptor)
        }
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
}
