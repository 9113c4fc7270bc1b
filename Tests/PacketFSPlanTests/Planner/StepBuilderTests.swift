import PacketFSWire
import Testing

@testable import PacketFSPlan

/// What a leaf is told by, whatever the receiver says it has of it.
@Suite struct StepBuilderTests {
    private func build(_ held: [Range<Int>], covers: ContiguousArray<Copy> = []) -> ContiguousArray<Step> {
        let leaf = [UInt8](unsafeUninitializedCapacity: Limits.leaf) { bytes, count in
            for place in bytes.indices { bytes[place] = UInt8(truncatingIfNeeded: place &* 0x9e37_79b9 >> 13) }
            count = bytes.count
        }
        return leaf.withUnsafeBytes { leaf in
            var builder = StepBuilder(leaf: leaf, held: held)
            builder.build(covers: covers, fresh: .max, log: leaf)
            return builder.steps
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 63, 64, 65, 100])
    func aLeafHasRoomForWhatIsHeld(_ length: Int) {
        let held = stride(from: 0, to: Limits.leaf - length, by: length + 1).map { $0..<$0 + length }
        let covers = ContiguousArray(
            stride(from: 0, to: Limits.leaf - 64, by: 64).map { Copy(start: $0, length: 64, address: UInt64($0)) })
        for covers in [[], covers] {
            let steps = build(held, covers: covers)
            #expect(steps.count <= Limits.descriptors / 2)
            #expect(steps.reduce(0) { $0 + $1.length } == Limits.leaf)
            #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.end == $1.start })
        }
    }
}
