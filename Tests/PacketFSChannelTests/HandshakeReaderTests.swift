import PacketFSWire
import Testing

@testable import PacketFSChannel

@Suite("Handshake reader")
struct HandshakeReaderTests {
    private func receive(
        _ reader: inout HandshakeReader, _ bytes: [UInt8]
    ) throws -> (message: [UInt8], rest: [UInt8])? {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(ChannelError) in try reader.receive(bytes) }
    }

    @Test
    func `a message is whole once its last byte is there`() throws {
        var reader = HandshakeReader(for: .responder)
        let message = [UInt8](repeating: 3, count: 1298)
        let framed = HandshakeReader.framed(message)
        for byte in framed.dropLast() {
            #expect(try receive(&reader, [byte]) == nil)
        }
        let whole = try #require(try receive(&reader, [3]))
        #expect(whole.message == message)
        #expect(whole.rest.isEmpty)
    }

    @Test
    func `what comes after the message is handed on`() throws {
        var reader = HandshakeReader(for: .initiator)
        let whole = try #require(try receive(&reader, HandshakeReader.framed([1, 2, 3]) + [9, 9]))
        #expect(whole.message == [1, 2, 3])
        #expect(whole.rest == [9, 9])
    }

    @Test(arguments: [(Role.responder, 1298), (.initiator, 1169)])
    func `a length above the bound is refused before its bytes are there`(role: Role, bound: Int) throws {
        var reader = HandshakeReader(for: role)
        #expect(throws: ChannelError.malformedHandshake) {
            _ = try receive(&reader, [UInt8((bound + 1) >> 8), UInt8((bound + 1) & 0xff)])
        }
        var other = HandshakeReader(for: role)
        #expect(try receive(&other, [UInt8(bound >> 8), UInt8(bound & 0xff)]) == nil)
    }

    @Test
    func `more than a frame beyond the message is not kept`() throws {
        var reader = HandshakeReader(for: .responder)
        #expect(throws: ChannelError.malformedHandshake) {
            _ = try receive(&reader, [UInt8](repeating: 0, count: 70_000))
        }
    }
}
