import PacketFSStore
import PacketFSTestKit
import PacketFSTransport
import Testing

@testable import PacketFS

@Suite struct AddressTests {
    /// One that was kept before addresses were looked at: it is named with its peer, and can be mended.
    @Test func anAddressThatIsNoneIsNamed() async throws {
        let pair = try TestPair()
        let record = try pair.left.record(named: TestPair.peer)
        var changed = record
        changed.address = "h:0"
        #expect(try pair.left.store.replace(record, with: changed))
        let transfer = pair.left.send([pair.outbox], to: PeerPath(peer: TestPair.peer, path: ""))
        let error = await #expect(throws: PacketFSError.self) { _ = try await transfer.summary() }
        #expect(error?.code == .peer)
        #expect(error?.message == "'h:0', where peer is to listen, is no address")
    }

    /// Whoever looks for the mistake needs the address that was tried.
    @Test func anAddressThatLeadsNowhereIsNamed() async throws {
        let pair = try TestPair()
        _ = try pair.left.updatePeer(TestPair.peer, address: "127.0.0.1:1")
        let transfer = pair.left.send([pair.outbox], to: PeerPath(peer: TestPair.peer, path: ""))
        let error = await #expect(throws: PacketFSError.self) { _ = try await transfer.summary() }
        #expect(error?.code == .connection && error?.message == "nobody listens at peer's address (127.0.0.1:1)")
        #expect(error?.hint?.contains("`packetfs peer set peer --address HOST:PORT`") == true)
    }

    @Test(arguments: [TransportError.unknownHost, .refused, .unreachable])
    func andWhatMendsIt(_ failure: TransportError) {
        let error = PacketFSError(explaining: failure, peer: "far", address: "h:1")
        #expect(error.message.contains("(h:1)") && error.hint?.contains("--address HOST:PORT") == true)
        #expect(PacketFSError(explaining: failure, peer: "far").hint == nil)
    }

    @Test func ourOwnAddressThatIsNoneIsUsage() async throws {
        let pair = try TestPair()
        var options = ServerOptions()
        options.listen = "packetfs.invalid:0"
        let server = Server(home: pair.left, options: options) { _ in }
        let error = await #expect(throws: PacketFSError.self) { try await server.run() }
        #expect(error?.code == .usage && error?.message == "the host of 'packetfs.invalid:0' is not known")
    }
}
