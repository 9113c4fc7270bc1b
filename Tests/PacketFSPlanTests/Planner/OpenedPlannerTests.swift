import PacketFSModel
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPlan

/// What is told of packed content can be sent.
@Suite struct OpenedPlannerTests {
    private func plan(_ change: (inout PackedMember) -> Void) throws -> OpenedBlueprint? {
        var random = SeededRandom(seed: 1)
        let content = random.text(20_000)
        var member = PackedMember(
            range: 0..<5000, content: content + [1],
            packing: Packing(length: content.count + 1, level: 6, blocks: [Packing.Block(isFixed: false, tokens: 0)]),
            base: AddressRange(address: 0, length: 5000), baseContent: content)
        change(&member)
        let planner = OpenedPlanner(try LiteralCoder(), DifferenceEncoder(), LiteralModelEncoder())
        return try planner.plan([member], saving: 5000)
    }

    @Test func whatIsBeyondALimitIsNotTold() throws {
        #expect(try plan { _ in } != nil)
        #expect(try plan { $0.base.length = Limits.opened + 1 } == nil)
        #expect(
            try plan { $0.packing.blocks += repeatElement($0.packing.blocks[0], count: Limits.packedBlocks) } == nil)
        #expect(try plan { $0.packing.length += 1 } == nil)
    }
}
