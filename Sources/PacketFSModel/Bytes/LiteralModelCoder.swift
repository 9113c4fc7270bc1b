/// Codes the literals of one leaf after another, each in the context of the bytes before it in the leaf. Leaves do not
/// depend on each other.
///
/// Not `Sendable`: one planner uses it.
package final class LiteralModelEncoder {
    private let model = LiteralModel()

    package init() {}

    /// The literals of a leaf, ascending. `context`: what they may resemble.
    package func encode(
        _ leaf: UnsafeRawBufferPointer, _ literals: [LiteralPlace], context: UnsafeRawBufferPointer
    ) -> [UInt8] {
        // An encoder writes nothing through the pointer.
        guard let bytes = UnsafeMutableRawPointer(mutating: leaf.baseAddress) else { return [] }
        var coder = RangeEncoder()
        model.begin(context, count: literals.byteCount)
        for literal in literals { model.code(bytes.assumingMemoryBound(to: UInt8.self), literal, &coder) }
        return coder.finish()
    }
}

/// Decodes what `LiteralModelEncoder` coded. Its input is hostile: it may give wrong bytes, and nothing worse.
package final class LiteralModelDecoder {
    fileprivate let model = LiteralModel()

    package init() {}

    /// Writes the literals of the leaf; returns whether `coded` was needed exactly.
    package func decode(
        _ coded: [UInt8], into leaf: UnsafeMutableRawBufferPointer, _ literals: [LiteralPlace],
        context: UnsafeRawBufferPointer
    ) -> Bool {
        guard let bytes = leaf.baseAddress else { return coded.isEmpty && literals.isEmpty }
        return coded.withUnsafeBufferPointer { buffer in
            var coder = RangeDecoder(buffer)
            model.begin(context, count: literals.byteCount)
            for literal in literals { model.code(bytes.assumingMemoryBound(to: UInt8.self), literal, &coder) }
            return coder.isExact
        }
    }
}

extension LiteralModelDecoder {
    /// Writes the literals that the first bytes of a code tell; returns how many bytes they are.
    package func decodeFront(
        _ coded: ArraySlice<UInt8>, into leaf: UnsafeMutableRawBufferPointer, _ literals: [LiteralPlace],
        context: UnsafeRawBufferPointer
    ) -> Int {
        guard let bytes = leaf.baseAddress else { return 0 }
        return coded.withUnsafeBufferPointer { buffer in
            var coder = RangeDecoder(buffer, isFront: true)
            model.begin(context, count: literals.byteCount)
            var count = 0
            for literal in literals {
                let done = model.code(bytes.assumingMemoryBound(to: UInt8.self), literal, &coder)
                count += done
                guard done == literal.range.count else { break }
            }
            return count
        }
    }
}

extension [LiteralPlace] {
    fileprivate var byteCount: Int { reduce(0) { $0 + $1.range.count } }
}
