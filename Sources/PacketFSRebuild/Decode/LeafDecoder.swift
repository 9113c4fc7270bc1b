package import PacketFSBlob
import PacketFSModel
package import PacketFSWire

/// Follows a leaf's descriptors (`Specs/blueprint.md` §5). What it gives is a guess until the leaf's tag was checked.
package final class LeafDecoder {
    /// A rebuilt leaf. The memory is good as long as it is shown.
    package struct Leaf {
        package let bytes: UnsafeRawBufferPointer
        /// Literals one after another; `nil` if they stand in the leaf alone, or could not be decoded, because the
        /// replica is damaged.
        let literals: UnsafeRawBufferPointer?
        /// Whether the literals are what the sender sent even if the leaf's tag does not hold.
        let areLiteralsAuthentic: Bool
        /// Ranges of the leaf that were read from where they are to go, ascending.
        let inPlace: [Range<Int>]
    }

    private let reader: LogReader?
    private let zstd: ZstdDecoder
    private lazy var adds = AddReader(reader, zstd: zstd)
    private lazy var modelled = LiteralModelDecoder()
    private lazy var opened = OpenedReader(reader, zstd)
    private let output = Block(byteCount: Limits.leaf)
    private var spare = Block(byteCount: Limits.leaf)
    private var context: Block?
    private var previous: [StreamKind: Previous] = [:]
    private(set) var domain: AddressDomain

    /// Literals of an earlier leaf, kept as they came.
    private enum Previous {
        case raw([UInt8])
        case decoded(Block, count: Int)
    }

    package init(replica: Log?, runs: RunSet) throws(RebuildError) {
        guard let zstd = ZstdDecoder() else { throw .outOfResources }
        self.zstd = zstd
        reader = replica.map(LogReader.init)
        domain = AddressDomain(replica == nil ? RunSet([]) : runs)
    }

    /// Shows the rebuilt leaf to `body`.
    ///
    /// - Parameters:
    ///   - length: bytes that the leaf must have.
    ///   - held: reads what lies at an offset of the leaf's stream already; returns what of the target it read.
    package func decode<R>(
        _ leaf: LeafBlueprint, of stream: StreamKind, length: Int,
        held: (_ offset: Int, _ target: UnsafeMutableRawBufferPointer) -> [Range<Int>],
        _ body: (Leaf) throws(RebuildError) -> R
    ) throws(RebuildError) -> R {
        try validate(leaf, length: length)
        reader?.begin()
        let needed = leaf.literalLength
        let bytes = output.prefix(length)
        guard needed > 0 else {
            guard leaf.literals.isEmpty else { throw .badLiterals }
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            return try body(assemble(leaf, literals: nothing, into: bytes, held: held))
        }
        if leaf.coding == .raw {
            guard leaf.literals.count == needed else { throw .badLiterals }
            previous[stream] = .raw(leaf.literals)
            return try leaf.literals.withRawBytes { literals throws(RebuildError) in
                let isAll = needed == length
                return try body(
                    isAll
                        ? Leaf(bytes: literals, literals: literals, areLiteralsAuthentic: true, inPlace: [])
                        : assemble(leaf, literals: literals, into: bytes, held: held))
            }
        }
        guard leaf.coding != .modelled, let target = try decodeLiterals(leaf, of: stream, count: needed) else {
            return try body(assemble(leaf, literals: nil, into: bytes, held: held))
        }
        // The block that `target` is of stays as it is while `body` runs.
        defer { if leaf.coding.isAuthentic { remember(count: needed, of: stream) } }
        return try body(assemble(leaf, literals: UnsafeRawBufferPointer(target), into: bytes, held: held))
    }

    /// Shows what is known of a leaf that was cut off to `body`: its bytes up to the first that did not come, and which
    /// of the leaf were read from where they are to go.
    package func decodeFront(
        _ cut: CutLeaf, length: Int, held: (_ offset: Int, _ target: UnsafeMutableRawBufferPointer) -> [Range<Int>],
        _ body: (_ front: UnsafeRawBufferPointer, _ inPlace: [Range<Int>]) -> Void
    ) throws(RebuildError) {
        let leaf = cut.blueprint
        try validate(leaf, length: length)
        reader?.begin()
        let bytes = output.prefix(length)
        let coded = leaf.literals.prefix(cut.literalBytes)
        var known = coded.count
        let inPlace: [Range<Int>]
        switch leaf.coding {
        case .raw:
            inPlace = leaf.literals.withUnsafeBytes { lay(leaf, literals: $0, into: bytes, held: held) }
        case .zstd, .zstdContext, .zstdPrevious:
            let literals = spare.prefix(leaf.literalLength)
            known = coded.withUnsafeBytes { front in
                withPrefix(of: leaf, .content) { zstd.decodeFront(front, prefix: $0, into: literals) } ?? 0
            }
            inPlace = lay(leaf, literals: UnsafeRawBufferPointer(literals), into: bytes, held: held)
        case .modelled:
            inPlace = lay(leaf, literals: nil, into: bytes, held: held)
            known = withModel(of: leaf) { modelled.decodeFront(coded, into: bytes, $0, context: $1) }
        }
        body(UnsafeRawBufferPointer(bytes).part(0..<leaf.length(withLiterals: known)), inPlace)
    }

    /// To be called once learned bytes of these addresses are in the log.
    package func learned(_ range: AddressRange) {
        domain.learn(range)
        reader?.invalidate()
    }

    /// To be called when bytes were written to the log at addresses that were announced before.
    func logChanged() {
        reader?.invalidate()
    }

    private func validate(_ leaf: LeafBlueprint, length: Int) throws(RebuildError) {
        guard leaf.descriptors.count <= Limits.descriptors, leaf.tag.count == Limits.tag else { throw .wrongLength }
        var total = 0
        for descriptor in leaf.descriptors {
            let count = descriptor.length
            guard count > 0, count <= length - total else { throw .wrongLength }
            total += count
            if let source = descriptor.source, !domain.holds(source) { throw .outOfBounds }
        }
        guard total == length else { throw .wrongLength }
        try validateContexts(leaf)
        if let opened = leaf.opened { try validate(opened) }
    }

    private func validate(_ opened: OpenedBlueprint) throws(RebuildError) {
        guard opened.length <= Limits.opened, opened.packings.reduce(0, { $0 + $1.length }) == opened.length else {
            throw .wrongLength
        }
        guard opened.bases.allSatisfy({ $0.length <= Limits.opened && domain.holds($0) }) else { throw .outOfBounds }
    }

    private func validateContexts(_ leaf: LeafBlueprint) throws(RebuildError) {
        guard leaf.coding.mayHave(contexts: leaf.contexts.count) else { throw .badLiterals }
        guard leaf.contexts.count <= Limits.contexts else { throw .outOfBounds }
        var total = 0
        for range in leaf.contexts {
            guard range.length > 0, range.length <= Limits.contextBytes - total, domain.holds(range) else {
                throw .outOfBounds
            }
            total += range.length
        }
    }

    /// `nil` if a damaged context may be what keeps the literals from being decoded.
    private func decodeLiterals(
        _ leaf: LeafBlueprint, of stream: StreamKind, count: Int
    ) throws(RebuildError) -> UnsafeMutableRawBufferPointer? {
        let target = spare.prefix(count)
        let isRight = leaf.literals.withUnsafeBytes { frame in
            withPrefix(of: leaf, stream) { zstd.decode(frame, prefix: $0, into: target) } ?? false
        }
        if isRight { return target }
        guard leaf.coding == .zstdContext else { throw .badLiterals }
        return nil
    }

    /// What the frame of the leaf's literals may look back at; `nil` if it lacks.
    private func withPrefix<R>(
        of leaf: LeafBlueprint, _ stream: StreamKind, _ body: (UnsafeRawBufferPointer?) -> R
    ) -> R? {
        switch (leaf.coding, previous[stream]) {
        case (.raw, _), (.zstd, _), (.modelled, _): body(nil)
        case (.zstdContext, _): body(readContexts(leaf.contexts))
        case (.zstdPrevious, nil): nil
        case (.zstdPrevious, .raw(let bytes)?): bytes.withUnsafeBytes(body)
        case (.zstdPrevious, .decoded(let block, let count)?): body(UnsafeRawBufferPointer(block.prefix(count)))
        }
    }

    /// The literals of a modelled leaf, and what they may resemble.
    private func withModel<R>(
        of leaf: LeafBlueprint, _ body: (_ literals: [LiteralPlace], _ context: UnsafeRawBufferPointer) -> R
    ) -> R {
        let surroundings = leaf.surroundings(domain.run(holding:))
        return body(surroundings.literals, readContexts(leaf.contexts + surroundings.ranges))
    }

    private func readContexts(_ ranges: [AddressRange]) -> UnsafeRawBufferPointer {
        let block = context ?? Block(byteCount: Limits.contextBytes)
        context = block
        let target = block.prefix(ranges.reduce(0) { $0 + $1.length })
        var end = 0
        for range in ranges {
            reader?.read(range, into: target.part(end..<end + range.length))
            end += range.length
        }
        return UnsafeRawBufferPointer(target)
    }

    private func remember(count: Int, of stream: StreamKind) {
        let replaced = previous.updateValue(.decoded(spare, count: count), forKey: stream)
        if case .decoded(let block, _)? = replaced { spare = block } else { spare = Block(byteCount: Limits.leaf) }
    }

    private func assemble(
        _ leaf: LeafBlueprint, literals: UnsafeRawBufferPointer?, into output: UnsafeMutableRawBufferPointer,
        held: (Int, UnsafeMutableRawBufferPointer) -> [Range<Int>]
    ) -> Leaf {
        let inPlace = lay(leaf, literals: literals, into: output, held: held)
        // Whether they used up their code does not matter: the leaf's tag tells more.
        if leaf.coding == .modelled {
            withModel(of: leaf) { _ = modelled.decode(leaf.literals, into: output, $0, context: $1) }
        }
        return Leaf(
            bytes: UnsafeRawBufferPointer(output), literals: literals,
            areLiteralsAuthentic: leaf.coding.isAuthentic, inPlace: inPlace)
    }

    /// All but modelled literals; returns what was read from where it is to go.
    private func lay(
        _ leaf: LeafBlueprint, literals: UnsafeRawBufferPointer?, into output: UnsafeMutableRawBufferPointer,
        held: (Int, UnsafeMutableRawBufferPointer) -> [Range<Int>]
    ) -> [Range<Int>] {
        var offset = 0
        var taken = 0
        var inPlace: [Range<Int>] = []
        for descriptor in leaf.descriptors {
            let target = output.part(offset..<offset + descriptor.length)
            switch descriptor {
            case .copy(let address, let length):
                reader?.read(AddressRange(address: address, length: length), into: target)
            case .add, .packed:
                break
            case .fill(let byte, _):
                target.fill(byte)
            case .literal(let length):
                if let literals {
                    target.copyMemory(from: literals.part(taken..<taken + length))
                } else {
                    target.fill(0)
                }
                taken += length
            case .held:
                target.fill(0)
                inPlace += held(offset, target).map { offset + $0.lowerBound..<offset + $0.upperBound }
            }
            offset += descriptor.length
        }
        if leaf.hasAdds { adds.read(leaf, into: output) }
        if let packed = leaf.opened { opened.read(packed, of: leaf, into: output) }
        return inPlace
    }
}
