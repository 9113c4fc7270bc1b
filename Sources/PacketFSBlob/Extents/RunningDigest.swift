import Crypto
import Dispatch
import PacketFSWire

/// SHA-256 of a stretch of a log that grows at its end. It is computed on a queue, from what the log holds, so that the
/// thread that writes need not wait for it.
///
/// `@unchecked Sendable`: the hash is used on the queue alone, the rest by one writer.
final class RunningDigest: @unchecked Sendable {
    /// Bytes that are worth a turn of the queue.
    private static let stride = 1 << 20

    private let log: Log
    private let queue: DispatchQueue
    private var hash = SHA256()
    /// What is hashed or in the queue.
    private var taken: AddressRange

    init(of log: Log, from address: UInt64, on queue: DispatchQueue) {
        self.log = log
        self.queue = queue
        taken = AddressRange(address: address, length: 0)
    }

    /// All up to `end` is written.
    func extend(to end: UInt64) {
        if end >= taken.end + UInt64(Self.stride) { take(to: end) }
    }

    /// The digest of all up to `end`. Waits for what is in the queue.
    func finish(at end: UInt64) -> [UInt8] {
        take(to: end)
        return queue.sync { Array(hash.finalize()) }
    }

    private func take(to end: UInt64) {
        let next = AddressRange(address: taken.end, length: Int(end - taken.end))
        guard next.length > 0 else { return }
        taken.length += next.length
        queue.async { Digests.update(&self.hash, with: next, of: self.log) }
    }
}
