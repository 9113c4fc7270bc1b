import PacketFSWire

/// For plans that are not sent: no tag is.
struct Untagged: LeafTagger {
    func tag(leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] { [UInt8](repeating: 0, count: Limits.tag) }
    func tag(part: Int, of leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] { tag(leaf: leaf, bytes: bytes) }
}
