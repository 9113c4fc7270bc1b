import PacketFSTestKit
import PacketFSWire
import Testing

@Suite struct IdentifierTests {
    @Test func identifiersAreTheirBytes() throws {
        var random = SeededRandom(seed: 1)
        let all = (0..<100).map { _ in random.bytes(15) }.flatMap { bytes -> [[UInt8]] in
            [[0] + bytes, bytes + [0xff], bytes + [0]]
        }
        for bytes in all {
            let id = try #require(TransferID(bytes))
            #expect(id.bytes == bytes)
            var writer = ByteWriter()
            writer.identifier(id)
            #expect(writer.bytes == bytes)
            for other in all.prefix(20) {
                let second = try #require(TransferID(other))
                #expect((id < second) == bytes.lexicographicallyPrecedes(other))
                #expect((id == second) == (bytes == other))
            }
        }
        #expect(TransferID([UInt8](repeating: 0, count: 15)) == nil && TransferID([]) == nil)
        #expect(TransferID.none.bytes == [UInt8](repeating: 0, count: 16))
    }
}
