extension Holdings {
    /// What the holdings digest is the SHA-256 of (`Specs/blob.md` §5): the log's id, then address (8 bytes), length
    /// (8 bytes) and digest of each extent.
    package var digestInput: [UInt8] {
        var writer = ByteWriter(reserving: LogID.byteCount + extents.count * (16 + Limits.digest))
        writer.identifier(log)
        for extent in extents {
            writer.integer(extent.range.address)
            writer.integer(UInt64(extent.range.length))
            writer.raw(extent.digest)
        }
        return writer.bytes
    }
}
