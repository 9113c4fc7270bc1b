import Crypto
package import PacketFSWire

/// Digests of what lies in a log.
enum Digests {
    private static let piece = 256 << 10

    static func update(_ digest: inout ExtentDigest, with range: AddressRange, of log: Log) {
        withUnsafeTemporaryAllocation(byteCount: min(piece, range.length), alignment: 16) { buffer in
            var done = 0
            while done < range.length {
                let count = min(piece, range.length - done)
                log.read(AddressRange(address: range.address + UInt64(done), length: count), into: buffer)
                digest.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                done += count
            }
        }
    }

    /// Of bytes that belong at `address` of a log.
    static func digest(of bytes: [UInt8], at address: UInt64, of log: LogID) -> [UInt8] {
        var digest = ExtentDigest(of: log, at: address)
        bytes.withUnsafeBytes { digest.add($0) }
        return digest.finish()
    }

    static func digest(of range: AddressRange, in log: Log) -> [UInt8] {
        var digest = ExtentDigest(of: log.id, at: range.address)
        update(&digest, with: range, of: log)
        return digest.finish()
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
