private import CLinux
import Glibc
import PacketFSWire
import Synchronization

/// The open, checked and mapped file of an index.
final class IndexFile {
    private let file: PrivateFile
    private let base: UnsafeMutableRawPointer
    private let mappedBytes: Int
    /// Buckets that the file was seen to have.
    private let knownBuckets: Atomic<UInt64>

    var header: IndexHeader { IndexHeader(base) }
    var table: IndexTable { IndexTable(base + IndexHeader.byteCount) }

    /// Opens the index of `log` at `path`; makes it, or makes it anew if it is damaged, foreign or of another version.
    static func open(path: String, log: LogID) throws(BlobError) -> IndexFile {
        for _ in 0..<16 {
            let opened = try IndexFile(path: path)
            try opened.lock()
            defer { opened.unlock() }
            guard opened.isNamed(path) else { continue }
            if opened.file.size == 0 { try opened.initialise(log: log) }
            if opened.header(isValidFor: log) { return opened }
            try opened.replace(at: path, log: log)
        }
        throw .system(EBUSY)
    }

    private init(path: String) throws(BlobError) {
        file = try PrivateFile(path: path, create: true)
        var base: UnsafeMutableRawPointer?
        var mapped = 0
        for length in [Self.reserve, Self.smallReserve] {
            guard packetfs_blob_map(file.descriptor, length, 1, &base) == 0 else { continue }
            mapped = length
            break
        }
        guard let base else { throw .system(ENOMEM) }
        self.base = base
        mappedBytes = mapped
        knownBuckets = Atomic(0)
    }

    deinit {
        munmap(base, mappedBytes)
    }

    /// Address space for growth: takes no memory. 32 GiB index a blob of 640 GiB densely; where that much space cannot
    /// be had, 1 GiB must do, and the index of a larger blob forgets its oldest addresses.
    private static let reserve = 32 << 30
    private static let smallReserve = 1 << 30

    /// Excludes other processes; the caller excludes other threads.
    func lock() throws(BlobError) {
        let result = pfs_lock(file.descriptor)
        guard result == 0 else { throw BlobError(errno: -result) }
    }

    func unlock() {
        _ = pfs_unlock(file.descriptor)
    }

    /// The buckets of the table, checked against the file's length; 0 if the header makes no sense.
    var buckets: UInt64 {
        let buckets = header.buckets
        guard buckets > knownBuckets.load(ordering: .relaxed) || buckets < IndexHeader.minimumBuckets else {
            return buckets
        }
        let present = min(IndexHeader.buckets(inFileOf: file.size), IndexHeader.buckets(inFileOf: UInt64(mappedBytes)))
        guard buckets >= IndexHeader.minimumBuckets, buckets <= present else { return 0 }
        knownBuckets.store(buckets, ordering: .relaxed)
        return buckets
    }

    /// Adds `count` buckets to `buckets`; `false` if the disk or the mapping is full. Under the lock.
    func grow(from buckets: UInt64, by count: UInt64) -> Bool {
        let size = IndexHeader.size(buckets: buckets + count)
        let old = IndexHeader.size(buckets: buckets)
        guard size <= UInt64(mappedBytes) else { return false }
        guard packetfs_blob_reserve(file.descriptor, Int64(old), Int64(size - old)) == 0 else { return false }
        var lost: UInt64 = 0
        for next in buckets..<buckets + count {
            lost += table.split(buckets: next)
        }
        header.occupied -= min(lost, header.occupied)
        header.buckets = buckets + count
        return true
    }

    func sync() throws(BlobError) {
        guard fdatasync(file.descriptor) == 0 else { throw BlobError(errno: errno) }
    }

    private func header(isValidFor log: LogID) -> Bool {
        let size = file.size
        return size >= IndexHeader.size(buckets: IndexHeader.minimumBuckets) && header.isValid(log: log, size: size)
    }

    private func initialise(log: LogID) throws(BlobError) {
        let size = IndexHeader.size(buckets: IndexHeader.minimumBuckets)
        let result = packetfs_blob_reserve(file.descriptor, 0, Int64(size))
        guard result == 0 else { throw BlobError(errno: -result) }
        header.initialise(log: log)
    }

    /// Puts a fresh file in this one's place. Never shortens the old one: another process may have it mapped.
    private func replace(at path: String, log: LogID) throws(BlobError) {
        let fresh = path + ".new"
        guard unlink(fresh) == 0 || errno == ENOENT else { throw BlobError(errno: errno) }
        try IndexFile(path: fresh).initialise(log: log)
        guard rename(fresh, path) == 0 else { throw BlobError(errno: errno) }
    }

    /// Whether `path` still names this file, and not one that took its place.
    private func isNamed(_ path: String) -> Bool {
        var ours = stat()
        var named = stat()
        guard fstat(file.descriptor, &ours) == 0, lstat(path, &named) == 0 else { return false }
        return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino
    }
}
