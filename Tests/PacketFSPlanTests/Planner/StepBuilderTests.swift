import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPlan

/// What a leaf is told by, whatever the receiver says it has of it.
@Suite struct StepBuilderTests {
    private func build(
        _ held: [Range<Int>], covers: ContiguousArray<Copy> = [], zeros: Range<Int> = 0..<0
    ) -> ContiguousArray<Step> {
        let leaf = [UInt8](unsafeUninitializedCapacity: Limits.leaf) { bytes, count in
            for place in bytes.indices {
                bytes[place] = zeros.contains(place) ? 0 : UInt8(truncatingIfNeeded: place &* 0x9e37_79b9 >> 13)
            }
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

    /// What is held is learned, a fill is not: a sparse file that is taken up would fill the blob.
    @Test func aFillIsAFillWhereItIsHeld() {
        let steps = build([0..<2_000_000], zeros: 1_000_001..<3_000_003)
        let expected: [Descriptor] = [
            .held(length: 1_000_001), .fill(byte: 0, length: 2_000_002), .literal(length: Limits.leaf - 3_000_003),
        ]
        #expect(steps.map(\.descriptor) == expected)
    }

    /// Equal stretches of 32 KiB and more are copies, all else of a cover is added, wherever single bytes differ.
    @Test(arguments: 0..<40)
    func longEqualStretchesAreCopies(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let log = random.bytes(random.draw(1...300_000))
        var leaf = log
        var place = 0
        while place < leaf.count {
            leaf[place] &+= 1
            place += (random.oneIn(2) ? 32 << 10 : random.magnitude(upTo: 100_000)) + random.draw(0...2)
        }
        if random.oneIn(2) { leaf[0] = log[0] }
        let steps = leaf.withUnsafeBytes { leaf in
            log.withUnsafeBytes { log in
                var builder = StepBuilder(leaf: leaf)
                builder.build(covers: [Copy(start: 0, length: leaf.count, address: 0)], fresh: .max, log: log)
                return builder.steps
            }
        }
        #expect(steps == expectedSteps(leaf, log))
    }

    private func expectedSteps(_ leaf: [UInt8], _ log: [UInt8]) -> ContiguousArray<Step> {
        var steps: ContiguousArray<Step> = []
        let ends = leaf.indices.filter { leaf[$0] != log[$0] } + [leaf.count]
        var (added, start) = (0, 0)
        let add = { (kind: Step.Kind, range: Range<Int>) in
            if !range.isEmpty { steps.append(Step(kind: kind, start: range.lowerBound, length: range.count)) }
        }
        for end in ends {
            if end - start >= 32 << 10 {
                add(.add(address: UInt64(added)), added..<start)
                add(.copy(address: UInt64(start)), start..<end)
                added = end
            }
            start = end + 1
        }
        add(.add(address: UInt64(added)), added..<leaf.count)
        return steps
    }
}
