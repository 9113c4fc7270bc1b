import PacketFSBlob
import PacketFSWire

/// Reads copies from the replica, many small ones with few system calls.
final class LogReader {
    private static let blockSize = 16 << 10
    private static let slots = 64

    private let log: Log
    private var reading: LogReading
    private let blocks = Block(byteCount: slots * blockSize)
    private var tags = [UInt64](repeating: .max, count: slots)

    init(_ log: Log) {
        self.log = log
        reading = log.reading()
    }

    /// To be called before a leaf: what is in memory is looked up once for all of its copies.
    func begin() {
        reading = log.reading()
    }

    func read(_ range: AddressRange, into target: UnsafeMutableRawBufferPointer) {
        guard range.length < Self.blockSize, !log.isResident else { return reading.read(range, into: target) }
        var done = 0
        while done < range.length {
            let address = range.address + UInt64(done)
            let offset = Int(address % UInt64(Self.blockSize))
            let count = min(range.length - done, Self.blockSize - offset)
            let block = self.block(address / UInt64(Self.blockSize))
            target.part(done..<done + count).copyMemory(from: block.part(offset..<offset + count))
            done += count
        }
    }

    /// The bytes of the range: those in memory, good until the next leaf, or as `read` writes them to `target`, of which
    /// they are as many.
    func show(_ range: AddressRange, in target: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        if let bytes = reading.resident(range) { return bytes }
        read(range, into: target)
        return UnsafeRawBufferPointer(target)
    }

    /// To be called when bytes were written to the log.
    func invalidate() {
        for slot in tags.indices { tags[slot] = .max }
    }

    private func block(_ number: UInt64) -> UnsafeRawBufferPointer {
        let slot = Int(number % UInt64(Self.slots))
        let block = blocks.all.part(slot * Self.blockSize..<(slot + 1) * Self.blockSize)
        if tags[slot] != number {
            reading.read(AddressRange(address: number * UInt64(Self.blockSize), length: Self.blockSize), into: block)
            tags[slot] = number
        }
        return UnsafeRawBufferPointer(block)
    }
}
