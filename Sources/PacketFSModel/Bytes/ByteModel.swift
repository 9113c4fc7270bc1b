/// What planner and rebuilder think of the bytes that no copy gives (`Specs/model.md`). Both carry it on from byte to
/// byte and leaf to leaf, and as long as they see the same bytes, they think the same.
final class ByteModel {
    let added = AddModel()
    let literals = LiteralModel()
    /// Bytes of the stream before the leaf, from where the model began.
    private var origin: Int64 = 0

    func reset() {
        added.reset()
        literals.reset()
        origin = 0
    }

    func begin(_ segments: [Segment]) {
        added.begin(segments, origin: origin)
        literals.begin()
    }

    func end(length: Int) {
        origin &+= Int64(length)
    }
}

/// Codes the bytes of one leaf after another: first to last in each, with every byte before them known.
///
/// Not `Sendable`: one planner uses it.
package final class ByteEncoder {
    private let model = ByteModel()
    private var coder = RangeEncoder()

    package init() {}

    /// Forgets all leaves so far.
    package func reset() { model.reset() }

    package func begin(_ segments: [Segment]) {
        model.begin(segments)
        coder = RangeEncoder()
    }

    /// The bytes at `range` of the leaf, which resemble those of the log at `address`. `base`: these, with
    /// `AddModel.margin` zeros before and behind them.
    package func add(
        _ leaf: UnsafeRawBufferPointer, _ range: Range<Int>, base: UnsafePointer<UInt8>, address: UInt64
    ) {
        guard let bytes = Self.bytes(leaf) else { return }
        model.added.code(bytes, range, base: base, address: address, &coder)
    }

    package func literal(_ leaf: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard let bytes = Self.bytes(leaf) else { return }
        model.literals.code(bytes, range, &coder)
    }

    /// The leaf's bytes as coded. `length`: that of the leaf.
    package func finish(length: Int) -> [UInt8] {
        model.end(length: length)
        let bytes = coder.finish()
        coder = RangeEncoder()
        return bytes
    }

    /// An encoder writes nothing through the pointer.
    private static func bytes(_ leaf: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        UnsafeMutableRawPointer(mutating: leaf.baseAddress)?.assumingMemoryBound(to: UInt8.self)
    }
}

/// Decodes what `ByteEncoder` coded. Its input is hostile: it may give wrong bytes, and nothing worse.
package final class ByteDecoder {
    private let model = ByteModel()

    package init() {}

    package func reset() { model.reset() }

    /// Decodes one leaf. Where its bytes may still be overrun or left over, `false` is returned, and nothing that was
    /// written counts.
    package func leaf(
        _ coded: [UInt8], _ segments: [Segment], length: Int, _ body: (inout Leaf) -> Void
    ) -> Bool {
        coded.withUnsafeBufferPointer { buffer in
            model.begin(segments)
            var leaf = Leaf(model: model, coder: RangeDecoder(buffer))
            body(&leaf)
            model.end(length: length)
            return leaf.coder.isExact
        }
    }

    package struct Leaf {
        fileprivate let model: ByteModel
        fileprivate var coder: RangeDecoder

        /// As `ByteEncoder.add`, but the range is written.
        package mutating func add(
            _ leaf: UnsafeMutableRawBufferPointer, _ range: Range<Int>, base: UnsafePointer<UInt8>, address: UInt64
        ) {
            guard let bytes = leaf.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            model.added.code(bytes, range, base: base, address: address, &coder)
        }

        package mutating func literal(_ leaf: UnsafeMutableRawBufferPointer, _ range: Range<Int>) {
            guard let bytes = leaf.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            model.literals.code(bytes, range, &coder)
        }
    }
}
