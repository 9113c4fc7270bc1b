import PacketFSModel
import PacketFSWire

/// Writes the adds of a leaf: reads what they resemble from the replica, and changes it as the differences say. What a
/// damaged replica, or a hostile sender, makes of it fails the leaf's tag.
struct AddReader {
    private let reader: LogReader?
    private let base = Block(byteCount: Limits.leaf)
    private let decoder = DifferenceDecoder()

    init(_ reader: LogReader?) {
        self.reader = reader
    }

    func read(_ leaf: LeafBlueprint, into output: UnsafeMutableRawBufferPointer) {
        _ = decoder.leaf(leaf.differences, leaf.stretches) { adds in
            for stretch in leaf.stretches where stretch.isAdd {
                let source = base.prefix(stretch.length)
                reader?.read(AddressRange(address: stretch.address, length: stretch.length), into: source)
                adds.add(
                    output, stretch.place..<stretch.place + stretch.length, base: UnsafeRawBufferPointer(source),
                    address: stretch.address)
            }
        }
    }
}
