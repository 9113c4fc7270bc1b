import Crypto
package import PacketFSWire

/// SHA-256 of what lies in a log.
enum Digests {
    private static let piece = 256 << 10

    static func update(_ hash: inout SHA256, with range: AddressRange, of log: Log) {
        withUnsafeTemporaryAllocation(byteCount: piece, alignment: 16) { buffer in
            var done = 0
            while done < range.length {
                let count = min(piece, range.length - done)
                log.read(AddressRange(address: range.address + UInt64(done), length: count), into: buffer)
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                done += count
            }
        }
    }

    static func digest(of bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }

    static func digest(of range: AddressRange, in log: Log) -> [UInt8] {
        var hash = SHA256()
        update(&hash, with: range, of: log)
        return Array(hash.finalize())
    }
}

extension Holdings {
    /// SHA-256 over the log's id and, for each extent, address, length and digest (`Specs/blob.md` §5).
    package var digest: [UInt8] {
        var hash = SHA256()
        hash.update(data: log.bytes)
        for extent in extents {
            var writer = ByteWriter(reserving: 48)
            writer.integer(extent.range.address)
            writer.integer(UInt64(extent.range.length))
            writer.raw(extent.digest)
            hash.update(data: writer.bytes)
        }
        return Array(hash.finalize())
    }
}
