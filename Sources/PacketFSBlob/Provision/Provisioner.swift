package import PacketFSWire

/// Fills a log with provisioned bytes, in the order of a `Placement`.
package struct Provisioner {
    private let log: Log
    private let placement: Placement
    private var buffer: [UInt8] = []
    private var nextUnit = 0

    /// The caller has reserved the placement's addresses.
    package init(log: Log, placement: Placement) {
        self.log = log
        self.placement = placement
        buffer.reserveCapacity(Placement.unit)
    }

    /// Takes the next bytes of the source. Throws `sourceChanged` for more than the placement has room for.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(BlobError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard nextUnit < placement.unitCount else { throw .sourceChanged }
            let range = placement.range(ofUnit: nextUnit)
            let count = min(rest.count, range.length - buffer.count)
            buffer.append(contentsOf: rest.prefix(count))
            rest = rest.dropFirst(count)
            if buffer.count == range.length { try writeUnit(at: range.address) }
        }
    }

    /// Makes everything durable and returns its extents, ascending. Throws `sourceChanged` if bytes are missing.
    package mutating func finish() throws(BlobError) -> [Extent] {
        guard nextUnit == placement.unitCount else { throw .sourceChanged }
        try log.sync()
        var extents: [Extent] = []
        var address = placement.address
        let end = placement.address + placement.byteCount
        while address < end {
            let range = AddressRange(address: address, length: Int(min(UInt64(Limits.extent), end - address)))
            extents.append(Extent(range: range, digest: Digests.digest(of: range, in: log)))
            address = range.end
        }
        return extents
    }

    private mutating func writeUnit(at address: UInt64) throws(BlobError) {
        try log.write(buffer, at: address)
        buffer.removeAll(keepingCapacity: true)
        nextUnit += 1
    }
}
