import PacketFSBlob
import PacketFSModel
import PacketFSWire

/// Writes what is packed in a leaf (`Specs/blueprint.md` §5.3): opens what it is like, rebuilds the content, and packs it.
/// What a damaged replica, or a hostile sender, makes of it fails the leaf's tag.
struct OpenedReader {
    private let reader: LogReader?
    private let zstd: ZstdDecoder
    private let adds = DifferenceDecoder()
    private let modelled = LiteralModelDecoder()

    init(_ reader: LogReader?, _ zstd: ZstdDecoder) {
        self.reader = reader
        self.zstd = zstd
    }

    func read(_ opened: OpenedBlueprint, of leaf: LeafBlueprint, into output: UnsafeMutableRawBufferPointer) {
        let base = base(opened.bases)
        let content = Block(byteCount: opened.length)
        base.withRawBytes { base in
            if isWithin(opened, base.count) { rebuild(opened, base, into: content.all) }
        }
        var (place, start) = (0, 0)
        var patience = Packing.patience
        var packings = opened.packings.makeIterator()
        for descriptor in leaf.descriptors {
            if descriptor.kind == .packed, let packing = packings.next() {
                let part = UnsafeRawBufferPointer(content.all.part(start..<start + packing.length))
                let bytes = packing.pack(part, limit: descriptor.length, patience: &patience) ?? []
                let target = output.part(place..<place + descriptor.length)
                target.fill(0)
                target.copyBytes(from: bytes)
                start += packing.length
            }
            place += descriptor.length
        }
    }

    /// What the streams hold, up to the first that is none: so all of them together cost no more than the limits let
    /// them hold.
    private func base(_ ranges: [AddressRange]) -> [UInt8] {
        var base: [UInt8] = []
        var blocks = 0
        for range in ranges {
            let stream = Block(byteCount: range.length)
            reader?.read(range, into: stream.all)
            let bytes = UnsafeRawBufferPointer(stream.all)
            guard
                let opened = try? OpenedStream(
                    bytes, limit: Limits.opened - base.count, blocks: Limits.packedBlocks - blocks),
                opened.byteCount == range.length
            else { break }
            base += opened.content
            blocks += opened.blockCount
        }
        return base
    }

    private func isWithin(_ opened: OpenedBlueprint, _ count: Int) -> Bool {
        let sources = opened.descriptors.lazy.compactMap(\.source)
        return sources.allSatisfy { $0.end <= UInt64(count) } && opened.contexts.allSatisfy { $0.end <= UInt64(count) }
    }

    private func rebuild(
        _ opened: OpenedBlueprint, _ base: UnsafeRawBufferPointer, into content: UnsafeMutableRawBufferPointer
    ) {
        let context = opened.contexts.reduce(into: [UInt8]()) { $0 += base.part($1) }
        let literals = context.withRawBytes { context -> Block? in self.literals(opened, context: context) }
        var (place, taken) = (0, 0)
        for descriptor in opened.descriptors {
            let target = content.part(place..<place + descriptor.length)
            switch descriptor {
            case .copy(let address, let length):
                target.copyMemory(from: base.part(AddressRange(address: address, length: length)))
            case .fill(let byte, _):
                target.fill(byte)
            case .literal(let length):
                if let literals {
                    target.copyMemory(from: UnsafeRawBufferPointer(literals.all.part(taken..<taken + length)))
                }
                taken += length
            case .add, .held, .packed:
                break
            }
            place += descriptor.length
        }
        _ = adds.leaf(opened.differences, opened.stretches) { adds in
            for stretch in opened.stretches where stretch.isAdd {
                adds.add(
                    content, stretch.place..<stretch.place + stretch.length,
                    base: base.part(AddressRange(address: stretch.address, length: stretch.length)),
                    address: stretch.address)
            }
        }
        if opened.coding == .modelled {
            let all = AddressRange(address: 0, length: base.count)
            let surroundings = opened.surroundings { $0 < all.end ? all : nil }
            let context = surroundings.ranges.reduce(into: context) { $0 += base.part($1) }
            _ = context.withRawBytes {
                modelled.decode(opened.literals, into: content, surroundings.literals, context: $0)
            }
        }
    }

    /// `nil` where there are none by themselves, or none that can be decoded.
    private func literals(_ opened: OpenedBlueprint, context: UnsafeRawBufferPointer) -> Block? {
        let count = opened.literalLength
        guard count > 0, opened.coding != .modelled else { return nil }
        let target = Block(byteCount: count)
        let isRight = opened.literals.withRawBytes { coded -> Bool in
            switch opened.coding {
            case .raw:
                target.all.copyMemory(from: coded)
                return true
            case .zstd: return zstd.decode(coded, into: target.all)
            case .zstdContext: return zstd.decode(coded, prefix: context, into: target.all)
            case .zstdPrevious, .modelled: return false
            }
        }
        return isRight ? target : nil
    }
}

extension UnsafeRawBufferPointer {
    /// Of the base: `range` lies within it.
    fileprivate func part(_ range: AddressRange) -> UnsafeRawBufferPointer {
        part(Int(range.address)..<Int(range.end))
    }
}
