/// Codes the adds of one leaf after another. Leaves do not depend on each other.
///
/// Not `Sendable`: one planner uses it.
package final class DifferenceEncoder {
    private let model = DifferenceModel()
    private var coder = RangeEncoder()

    package init() {}

    /// Begins a leaf. `stretches`: all that its copies and adds take from the log, in leaf order.
    package func begin(_ stretches: [Stretch]) {
        model.begin(stretches)
        coder = RangeEncoder()
    }

    /// The next add of the leaf: its bytes at `range`, like those of `base`, which has as many and stands in the log at
    /// `address`.
    package func add(
        _ leaf: UnsafeRawBufferPointer, _ range: Range<Int>, base: UnsafeRawBufferPointer, address: UInt64
    ) {
        // An encoder writes nothing through the pointer.
        guard let bytes = UnsafeMutableRawPointer(mutating: leaf.baseAddress), let base = base.baseAddress else {
            return
        }
        model.code(
            bytes.assumingMemoryBound(to: UInt8.self), range, base: base.assumingMemoryBound(to: UInt8.self),
            address: address, &coder)
    }

    package func finish() -> [UInt8] {
        coder.finish()
    }
}

/// Decodes what `DifferenceEncoder` coded. Its input is hostile: it may give wrong bytes, and nothing worse.
package final class DifferenceDecoder {
    private let model = DifferenceModel()

    package init() {}

    /// Decodes the adds of one leaf, which `body` names in leaf order; returns whether `coded` was needed exactly. If not,
    /// or if a base was wrong, what was written does not count.
    package func leaf(_ coded: [UInt8], _ stretches: [Stretch], _ body: (inout Adds) -> Void) -> Bool {
        coded.withUnsafeBufferPointer { buffer in
            model.begin(stretches)
            var adds = Adds(model: model, coder: RangeDecoder(buffer))
            body(&adds)
            return adds.coder.isExact
        }
    }

    package struct Adds {
        fileprivate let model: DifferenceModel
        fileprivate var coder: RangeDecoder

        /// As `DifferenceEncoder.add`, but the range is written.
        package mutating func add(
            _ leaf: UnsafeMutableRawBufferPointer, _ range: Range<Int>, base: UnsafeRawBufferPointer, address: UInt64
        ) {
            guard let bytes = leaf.baseAddress, let base = base.baseAddress else { return }
            model.code(
                bytes.assumingMemoryBound(to: UInt8.self), range, base: base.assumingMemoryBound(to: UInt8.self),
                address: address, &coder)
        }
    }
}
