import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Repair messages")
struct RepairMessageTests {
    private let leaf = LeafID(.content, 300)

    @Test(arguments: 0..<20)
    func comeBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let message = random.repairMessage()
            let frames = try message.encode()
            #expect(try frames.map { try RepairMessage.decode(type: $0.type, payload: $0.payload) } == [message])
        }
    }

    @Test func aWholePartIsSplit() throws {
        var random = SeededRandom(seed: 2)
        let bytes = random.bytes(Limits.part)
        let frames = try RepairMessage.part(leaf, part: 63, offset: 0, bytes: bytes).encode()
        #expect(frames.count == 2)
        #expect(frames.allSatisfy { $0.payload.count <= Limits.payload })
        var joined: [UInt8] = []
        for frame in frames {
            let message = try RepairMessage.decode(type: frame.type, payload: frame.payload)
            guard case .part(leaf, part: 63, let offset, let some) = message else { throw WireError.inconsistent }
            #expect(offset == joined.count)
            joined += some
        }
        #expect(joined == bytes)
    }

    @Test func aPartTravelsCompressedWhereThatIsShorter() throws {
        let zeros = [UInt8](repeating: 7, count: Limits.part)
        let frames = try RepairMessage.part(leaf, part: 3, offset: 0, bytes: zeros).encode { [$0[0]] }
        #expect(frames.count == 1)
        let payload = frames[0].payload
        #expect(payload.count < 20)
        let message = try RepairMessage.decode(type: 4, payload: payload) { [UInt8](repeating: $0[0], count: $1) }
        #expect(message == .part(leaf, part: 3, offset: 0, bytes: zeros))
        #expect(throws: WireError.unknown) { try RepairMessage.decode(type: 4, payload: payload) }
        #expect(throws: WireError.inconsistent) {
            try RepairMessage.decode(type: 4, payload: payload) { _, _ in nil }
        }
    }

    /// What a part claims to decompress to is bounded by what is left of a part, before anything is decompressed.
    @Test(arguments: [(0, Limits.part + 1), (Limits.part - 9, 10), (0, 1 << 40)])
    func bombs(offset: Int, length: Int) throws {
        var writer = ByteWriter()
        writer.u8(1)
        writer.varint(0)
        writer.u8(5)
        writer.count(offset)
        writer.flag(true)
        writer.count(length)
        writer.prefixed([1])
        #expect(throws: WireError.tooLarge) {
            try RepairMessage.decode(type: 4, payload: writer.bytes) { _, _ in
                Issue.record("decompressed")
                return nil
            }
        }
    }

    @Test(arguments: 0..<20)
    func truncated(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let message = random.repairMessage()
        let frame = try message.encode()[0]
        for length in 0..<frame.payload.count {
            let cut = Array(frame.payload.prefix(length))
            guard let read = try? RepairMessage.decode(type: frame.type, payload: cut) else { continue }
            #expect(read != message)
            #expect(frame.type == 2)
        }
    }

    @Test(arguments: [
        (-1, 0, 1, WireError.inconsistent), (64, 0, 1, .tooLarge), (0, -1, 1, .inconsistent),
        (0, Limits.part, 1, .tooLarge), (0, Limits.part + 1, 1, .tooLarge), (0, 1, Limits.part, .tooLarge),
        (0, 0, 0, .inconsistent),
    ])
    func partsThatMayNotBeSent(part: Int, offset: Int, count: Int, error: WireError) {
        let bytes = [UInt8](repeating: 0, count: count)
        #expect(throws: error) { try RepairMessage.part(leaf, part: part, offset: offset, bytes: bytes).encode() }
    }

    @Test(arguments: [
        ([], WireError.inconsistent), ([2, 1], .inconsistent), ([1, 1], .inconsistent), ([64], .tooLarge),
        ([-1], .inconsistent),
    ])
    func wantsThatMayNotBeSent(parts: [Int], error: WireError) {
        #expect(throws: error) { try RepairMessage.wanted(leaf, parts).encode() }
    }

    @Test(arguments: [(0, WireError.inconsistent), (15, .inconsistent), (17, .inconsistent), (65 * 16, .tooLarge)])
    func tagsThatMayNotBeSent(count: Int, error: WireError) {
        let tags = [UInt8](repeating: 0, count: count)
        #expect(throws: error) { try RepairMessage.tags(leaf, tags).encode() }
        #expect(throws: error) { try RepairMessage.decode(type: 2, payload: [1, 0] + tags) }
    }

    @Test func hostilePayloads() {
        #expect(throws: WireError.unknown) { try RepairMessage.decode(type: 0, payload: [0, 0]) }
        #expect(throws: WireError.unknown) { try RepairMessage.decode(type: 5, payload: [0, 0]) }
        #expect(throws: WireError.unknown) { try RepairMessage.decode(type: 1, payload: [2, 0]) }
        #expect(throws: WireError.trailingBytes) { try RepairMessage.decode(type: 1, payload: [1, 0, 0]) }
        #expect(throws: WireError.inconsistent) {
            try RepairMessage.decode(type: 3, payload: [1, 0] + [UInt8](repeating: 0, count: 8))
        }
        #expect(throws: WireError.tooLarge) { try RepairMessage.decode(type: 4, payload: [1, 0, 64, 0, 0, 1, 9]) }
        #expect(throws: WireError.inconsistent) { try RepairMessage.decode(type: 4, payload: [1, 0, 63, 0, 0, 0]) }
        var writer = ByteWriter()
        writer.u8(1)
        writer.varint(Limits.leaves)
        #expect(throws: WireError.tooLarge) { try RepairMessage.decode(type: 1, payload: writer.bytes) }
        #expect(throws: WireError.tooLarge) { try RepairMessage.failed(LeafID(.content, Limits.leaves)).encode() }
    }
}
