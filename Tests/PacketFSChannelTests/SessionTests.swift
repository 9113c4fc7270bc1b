import PacketFSWire
import Testing

@testable import PacketFSChannel

@Suite("Session")
struct SessionTests {
    @Test(arguments: CipherSuite.allCases, KeyExchange.allCases)
    func `frames pass both ways`(suite: CipherSuite, exchange: KeyExchange) throws {
        var session = try Session(suite, exchange: exchange)
        let payload = [UInt8](0...255)
        #expect(
            try session.responder.open(session.initiator.sealed(.control, type: 9, payload))
                == [Frame(plane: .control, type: 9, payload: payload)])
        #expect(
            try session.initiator.open(session.responder.sealed(.repair, type: 3, []))
                == [Frame(plane: .repair, type: 3, payload: [])])
    }
}
