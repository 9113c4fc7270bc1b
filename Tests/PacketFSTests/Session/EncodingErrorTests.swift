import PacketFSPlan
import PacketFSWire
import Testing

@testable import PacketFS

/// What this end cannot say is not what the peer said.
@Suite struct EncodingErrorTests {
    @Test func itIsNoFaultOfThePeer() throws {
        let leaf = LeafBlueprint(descriptors: [], coding: .raw, literals: [], tag: [])
        let coder = try BlockCoder()
        do {
            _ = try DataRecord.leaf(LeafID(.content, 0), leaf).encoded(by: coder)
            Issue.record("a leaf of nothing was encoded")
        } catch {
            let words = PacketFSError(explaining: error, peer: "bob")
            #expect(words.code == .internal)
            #expect(!words.description.contains("bob") && !words.description.contains("peer"))
            #expect(AbortReason(tellingOf: error) == .internalError)
        }
    }
}
