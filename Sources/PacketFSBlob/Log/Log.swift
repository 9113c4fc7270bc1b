private import CLinux
import Glibc
package import PacketFSWire
import Synchronization

/// One log: a sparse file of ours, mode 0600, in which the offset is the address (`Specs/blob.md` §2).
///
/// Bytes that were never written, or that the file lost, read as zeros. What it holds is what the extents say.
///
/// `@unchecked Sendable`: the descriptor never changes, the mappings are behind a lock and live as long as the log,
/// and the bytes belong to whoever reserved their address.
package final class Log: @unchecked Sendable {
    package let id: LogID
    let file: PrivateFile
    private let path: String
    private let arena: Arena?
    private let mappings = Mutex<Mappings>(Mappings())

    private struct Mappings {
        var all: [UnsafeRawBufferPointer] = []
        var isFolderDirty = false
    }

    /// Opens the log `id` at `file`, or makes it if `create`. Refuses a file that is not ours alone. `read` takes from `arena`
    /// what that holds.
    package init(file path: String, id: LogID, create: Bool, arena: Arena? = nil) throws(BlobError) {
        self.id = id
        file = try PrivateFile(path: path, create: create)
        self.path = path
        self.arena = arena
        let isNew = create && file.wasEmpty
        mappings.withLock { $0.isFolderDirty = isNew }
    }

    deinit {
        mappings.withLock { mappings in
            for mapping in mappings.all {
                munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress), mapping.count)
            }
        }
    }

    /// Whether copies cost no system call, as a rule.
    package var isResident: Bool { arena != nil }

    /// The length of the file: no byte at or beyond this address was written, or it is lost.
    package var end: UInt64 { file.size }

    /// Writes all of `bytes` from `address`. Durable after `sync`.
    package func write(_ bytes: UnsafeRawBufferPointer, at address: UInt64) throws(BlobError) {
        guard AddressRange(address: address, length: bytes.count).isWithinLimits else { throw .outOfBounds }
        try FileBytes.write(bytes, to: file.descriptor, at: address)
        arena?.written(bytes, at: address)
    }

    /// Writes all of `bytes` from `address`. Durable after `sync`.
    package func write(_ bytes: [UInt8], at address: UInt64) throws(BlobError) {
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(BlobError) in try write(bytes, at: address) }
        }
        try outcome.get()
    }

    /// Makes what was written durable, and the file's name with it.
    package func sync() throws(BlobError) {
        guard fdatasync(file.descriptor) == 0 else { throw BlobError(errno: errno) }
        guard mappings.withLock({ $0.isFolderDirty }) else { return }
        try FileBytes.syncFolder(of: path)
        mappings.withLock { $0.isFolderDirty = false }
    }

    /// Fills the first `range.length` bytes of `buffer`; bytes that the file lacks or cannot give become zeros, as do
    /// all of a range beyond `Limits`. Safe whatever happens to the file meanwhile.
    package func read(_ range: AddressRange, into buffer: UnsafeMutableRawBufferPointer) {
        var reading = reading()
        reading.read(range, into: buffer)
    }

    /// Begins many reads: a lock once, and not for each.
    package func reading() -> LogReading {
        LogReading(self, arena?.view())
    }

    /// The same past the arena.
    func readFile(_ range: AddressRange, into buffer: UnsafeMutableRawBufferPointer) {
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(max(0, range.length)))
        let count = range.isWithinLimits ? FileBytes.read(from: file.descriptor, at: range.address, into: target) : 0
        UnsafeMutableRawBufferPointer(rebasing: target.dropFirst(count)).initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// The bytes of `range` as `read` gives them.
    package func bytes(_ range: AddressRange) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(0, range.length)) { buffer, count in
            read(range, into: UnsafeMutableRawBufferPointer(buffer))
            count = buffer.count
        }
    }

    /// Passes the bytes of `range` in place, without a copy: *fewer* than `range.length` where the file ends before
    /// `range` does, none if it cannot be mapped. `range` may be a whole run of extents; one call costs one `fstat`.
    ///
    /// The length of the file is checked before each call. What stays is a file that somebody truncates during `body`,
    /// or a disk that fails under a page: the system then ends the process with SIGBUS. So mappings are for the
    /// publisher's own log, which nobody but this program may write; what a peer's transfer reads goes through `read`.
    package func withMapped<Value, Failure: Error>(
        _ range: AddressRange, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let end = file.size
        guard range.isWithinLimits, range.address < end, let whole = mapping(reaching: min(end, range.end)) else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let lower = Int(range.address)
        return try body(UnsafeRawBufferPointer(rebasing: whole[lower..<Int(min(end, range.end))]))
    }

    /// Gives the blocks of `range` back, and returns their bytes; it then reads as zeros. Blocks that other bytes share
    /// stay. Where the file system knows no holes, none are freed, and what was written there is overwritten.
    @discardableResult
    package func punch(_ range: AddressRange) throws(BlobError) -> UInt64 {
        guard range.isWithinLimits else { throw .outOfBounds }
        guard range.length > 0 else { return 0 }
        return try freeing { () throws(BlobError) in
            let result = packetfs_blob_punch(file.descriptor, Int64(range.address), Int64(range.length))
            guard result != -EOPNOTSUPP else { return try overwrite(range) }
            guard result == 0 else { throw BlobError(errno: -result) }
        }
    }

    private func overwrite(_ range: AddressRange) throws(BlobError) {
        let end = min(range.end, file.size)
        var address = range.address
        while address < end {
            let zeros = [UInt8](repeating: 0, count: min(1 << 20, Int(end - address)))
            try write(zeros, at: address)
            address += UInt64(zeros.count)
        }
    }

    /// By how much less the file takes after `body`.
    func freeing(_ body: () throws(BlobError) -> Void) throws(BlobError) -> UInt64 {
        let before = file.allocated
        try body()
        return before - min(before, file.allocated)
    }

    /// A mapping of at least the first `end` bytes. Earlier, smaller ones stay: somebody may be reading them.
    private func mapping(reaching end: UInt64) -> UnsafeRawBufferPointer? {
        mappings.withLock { mappings in
            if let last = mappings.all.last, UInt64(last.count) >= end { return last }
            for length in [max(Self.reserve, 2 * end), end] {
                var base: UnsafeMutableRawPointer?
                guard packetfs_blob_map(file.descriptor, Int(length), 0, &base) == 0 else { continue }
                let mapping = UnsafeRawBufferPointer(start: base, count: Int(length))
                mappings.all.append(mapping)
                return mapping
            }
            return nil
        }
    }

    /// Address space of the first mapping: takes no memory, and spares most logs a second one.
    private static let reserve: UInt64 = 64 << 30
}

extension AddressRange {
    /// Whether the whole range lies below the largest address of a log.
    package var isWithinLimits: Bool {
        length >= 0 && address <= Limits.address && UInt64(length) <= Limits.address - address
    }
}
