extension ByteWriter {
    mutating func leaf(_ leaf: LeafID) throws(WireError) {
        guard leaf.index < Limits.leaves else { throw .tooLarge }
        u8(leaf.stream.rawValue)
        varint(leaf.index)
    }
}

extension ByteReader {
    mutating func leaf() throws(WireError) -> LeafID {
        let stream = try known(StreamKind.self)
        return LeafID(stream, try varint(atMost: Limits.leaves - 1))
    }
}
