package import PacketFSModel

/// What decoders make of the codes of vectors, and whether they needed them exactly.
package enum VectorModel {
    /// An add: where its base lies in the log, where it goes in the leaf, and the base.
    package struct Add: Sendable {
        package let address: UInt64
        package let place: Int
        package let base: [UInt8]

        package init(address: UInt64, place: Int, base: [UInt8]) {
            (self.address, self.place, self.base) = (address, place, base)
        }
    }

    /// What each of the adds gives.
    package static func differences(
        _ code: [UInt8], _ stretches: [Stretch], _ adds: [Add]
    ) -> (found: [[UInt8]], isExact: Bool) {
        var leaf = [UInt8](repeating: 0, count: stretches.map { $0.place + $0.length }.max() ?? 0)
        let ranges = adds.map { $0.place..<$0.place + $0.base.count }
        let isExact = leaf.withUnsafeMutableBytes { leaf in
            DifferenceDecoder().leaf(code, stretches) { decoder in
                for (add, range) in zip(adds, ranges) {
                    add.base.withUnsafeBytes { decoder.add(leaf, range, base: $0, address: add.address) }
                }
            }
        }
        return (ranges.map { Array(leaf[$0]) }, isExact)
    }

    /// The leaf, whose literals are not looked at.
    package static func literals(
        _ code: [UInt8], in leaf: [UInt8], _ literals: [LiteralPlace], context: [UInt8]
    ) -> (found: [UInt8], isExact: Bool) {
        var found = leaf
        for literal in literals {
            found.replaceSubrange(literal.range, with: [UInt8](repeating: 0, count: literal.range.count))
        }
        let isExact = found.withUnsafeMutableBytes { leaf in
            context.withUnsafeBytes { LiteralModelDecoder().decode(code, into: leaf, literals, context: $0) }
        }
        return (found, isExact)
    }

    /// The content of a deflate stream that ends where its code does.
    package static func content(_ code: [UInt8]) -> (found: [UInt8], isExact: Bool) {
        code.withUnsafeBytes { code in
            let stream = try? OpenedStream(code, limit: 1 << 20, blocks: 1 << 10)
            return (stream?.content ?? [], stream?.byteCount == code.count)
        }
    }
}
