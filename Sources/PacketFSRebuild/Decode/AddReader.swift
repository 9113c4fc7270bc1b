import PacketFSBlob
import PacketFSModel
import PacketFSWire

/// Writes the adds of a leaf: reads what they resemble from the replica, and changes it as the differences say. What a
/// damaged replica, or a hostile sender, makes of it fails the leaf's tag.
struct AddReader {
    /// Bytes that stay in a near cache between two looks at them.
    private static let piece = 128 << 10

    private let reader: LogReader?
    private let zstd: ZstdDecoder
    private let base = Block(byteCount: Limits.leaf)
    private let decoder = DifferenceDecoder()

    init(_ reader: LogReader?, zstd: ZstdDecoder) {
        self.reader = reader
        self.zstd = zstd
    }

    func read(_ leaf: LeafBlueprint, into output: UnsafeMutableRawBufferPointer) {
        switch leaf.differenceCoding {
        case .modelled: readModelled(leaf, into: output)
        case .zstd: readSums(leaf, into: output)
        }
    }

    private func readModelled(_ leaf: LeafBlueprint, into output: UnsafeMutableRawBufferPointer) {
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

    private func readSums(_ leaf: LeafBlueprint, into output: UnsafeMutableRawBufferPointer) {
        let adds = leaf.stretches.filter(\.isAdd)
        let differences = base.prefix(adds.reduce(0) { $0 + $1.length })
        let isRight = leaf.differences.withRawBytes { zstd.decode($0, into: differences) }
        if !isRight { differences.fill(0) }
        var taken = 0
        for add in adds {
            for start in stride(from: 0, to: add.length, by: Self.piece) {
                let count = min(Self.piece, add.length - start)
                let target = output.part(add.place + start..<add.place + start + count)
                let base = reader?.show(AddressRange(address: add.address + UInt64(start), length: count), in: target)
                ByteDifferences.add(
                    UnsafeRawBufferPointer(differences.part(taken..<taken + count)),
                    to: base ?? UnsafeRawBufferPointer(target), into: target)
                taken += count
            }
        }
    }
}
