import PacketFSStore
import PacketFSTestKit
import Testing

@testable import PacketFS

@Suite struct AddressTests {
    /// One that was kept before addresses were looked at: it is named with its peer, and can be mended.
    @Test func anAddressThatIsNoneIsNamed() async throws {
        let pair = try TestPair()
        var record = try pair.left.record(named: TestPair.peer)
        record.address = "h:0"
        try pair.left.store.update(record)
        let transfer = pair.left.send([pair.outbox], to: PeerPath(peer: TestPair.peer, path: ""))
        let error = await #expect(throws: PacketFSError.self) { _ = try await transfer.summary() }
        #expect(error?.code == .peer)
        #expect(error?.message == "'h:0', where peer is to listen, is no address")
    }
}
