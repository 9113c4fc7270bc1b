package import PacketFSWire

/// Bytes that are known to belong at an address, from a leaf that was repaired.
package struct Patch: Equatable, Sendable {
    package var address: UInt64
    package var bytes: [UInt8]

    package init(address: UInt64, bytes: [UInt8]) {
        self.address = address
        self.bytes = bytes
    }
}

/// Checks extents against their stored digests, and restores them: with bytes that restore the digest, never otherwise.
package enum Healer {
    /// Whether the log still holds the extent's bytes.
    package static func verify(_ extent: Extent, in log: Log) -> Bool {
        guard isPlausible(extent) else { return false }
        return Digests.digest(of: extent.range, in: log) == extent.digest
    }

    /// Tries the patches on a copy of the extent. Writes them, durably, only if the digest then holds; returns whether
    /// the extent is now whole, also if it was before. Parts of patches outside the extent are ignored.
    package static func heal(log: Log, extent: Extent, patches: [Patch]) throws(BlobError) -> Bool {
        guard isPlausible(extent) else { return false }
        var bytes = log.bytes(extent.range)
        if Digests.digest(of: bytes, at: extent.range.address, of: log.id) == extent.digest { return true }
        for patch in patches { apply(patch, to: &bytes, at: extent.range) }
        guard Digests.digest(of: bytes, at: extent.range.address, of: log.id) == extent.digest else { return false }
        // The whole extent: what was lost may lie in a part of the file that no patch touched and reads as zeros.
        try log.write(bytes, at: extent.range.address)
        try log.sync()
        return true
    }

    private static func isPlausible(_ extent: Extent) -> Bool {
        extent.range.length > 0 && extent.range.length <= Limits.extent && extent.range.isWithinLimits
    }

    private static func apply(_ patch: Patch, to bytes: inout [UInt8], at range: AddressRange) {
        let source = AddressRange(address: patch.address, length: patch.bytes.count)
        guard source.isWithinLimits else { return }
        let lower = max(source.address, range.address)
        let upper = min(source.end, range.end)
        guard lower < upper else { return }
        let target = Int(lower - range.address)..<Int(upper - range.address)
        bytes.replaceSubrange(target, with: patch.bytes[Int(lower - source.address)..<Int(upper - source.address)])
    }
}
