import PacketFSModel
import PacketFSWire
import Testing

@testable import PacketFSPlan

/// What somebody else made of a file costs its sender no more than a while.
@Suite struct MemberFinderTests {
    private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]

    private func search(_ leaf: [UInt8]) -> (members: Int, failures: Int, unlike: Int) {
        leaf.withUnsafeBytes { leaf in
            var finder = MemberFinder(
                leaf: leaf, copies: [], log: UnsafeRawBufferPointer(start: nil, count: 0),
                runs: MatchableRuns(acknowledged: RunSet([])))
            return (finder.members().count, finder.failures, finder.unlike)
        }
    }

    @Test func fewOfManyFalseMembersAreTried() {
        let fake = Self.header + [UInt8](repeating: 0xff, count: 100)
        #expect(search([UInt8]((0..<9).flatMap { _ in fake })) == (0, 9, 0))
        #expect(search([UInt8]((0..<5000).flatMap { _ in fake })) == (0, 16, 0))
    }

    @Test func onlySoMuchIsOpenedInVain() throws {
        let content = [UInt8](repeating: 0, count: 12 << 20)
        let packing = Packing(length: content.count, level: 6, blocks: [Packing.Block(isFixed: false, tokens: 0)])
        var patience = Packing.patience
        let stream = try content.withUnsafeBytes {
            try #require(packing.pack($0, limit: Limits.leaf, patience: &patience))
        }
        let member = Self.header + stream + [UInt8](repeating: 0, count: 8)
        let found = search([UInt8]((0..<20).flatMap { _ in member }))
        #expect(found.members == 0 && found.unlike == 36 << 20)
    }
}
