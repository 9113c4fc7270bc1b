import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Control messages")
struct ControlMessageTests {
    @Test(arguments: 0..<40)
    func comeBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let message = random.controlMessage(items: 40)
            let frames = try message.encode()
            try #require(frames.count == 1)
            #expect(try ControlMessage.decode(type: frames[0].type, payload: frames[0].payload) == message)
        }
    }

    @Test func typesAreDistinct() throws {
        var random = SeededRandom(seed: 5)
        var types: [UInt8: Set<Int>] = [:]
        for _ in 0..<500 {
            let message = random.controlMessage(items: 3)
            types[try message.encode()[0].type, default: []].insert(message.kind)
        }
        #expect(Set(types.keys) == Set(1...15))
        #expect(types.values.allSatisfy { $0.count == 1 })
    }

    /// What follows its frame's start to its end has no inner end: a cut at an item's end is a shorter list, which only
    /// the sealed frame rules out. Everything else must be refused.
    @Test(arguments: 0..<20)
    func truncated(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<10 {
            let message = random.controlMessage(items: 5)
            let frame = try message.encode()[0]
            for length in 0..<frame.payload.count {
                let cut = Array(frame.payload.prefix(length))
                guard let read = try? ControlMessage.decode(type: frame.type, payload: cut) else { continue }
                #expect(message.isList && read != message)
            }
        }
    }

    @Test func trailingBytes() throws {
        var random = SeededRandom(seed: 6)
        for _ in 0..<300 {
            let message = random.controlMessage(items: 5)
            guard !message.isList else { continue }
            let frame = try message.encode()[0]
            #expect(throws: WireError.trailingBytes) {
                try ControlMessage.decode(type: frame.type, payload: frame.payload + [0])
            }
        }
    }

    @Test(arguments: [0, 16, 17, 255] as [UInt8])
    func unknownType(type: UInt8) {
        #expect(throws: WireError.unknown) { try ControlMessage.decode(type: type, payload: []) }
    }

    @Test(arguments: [0, 14, 255] as [UInt8])
    func unknownAbortReason(reason: UInt8) {
        #expect(throws: WireError.unknown) { try ControlMessage.decode(type: 9, payload: [reason]) }
    }

    /// Blocks beyond any pad, and lengths that no message has.
    @Test(
        arguments: [
            (13, [0, 0]), (13, [0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 1]), (13, [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]),
            (14, [16]), (12, [3]), (12, [1]),
        ] as [(UInt8, [UInt8])])
    func outOfBounds(type: UInt8, payload: [UInt8]) {
        #expect(throws: WireError.self) { try ControlMessage.decode(type: type, payload: payload) }
    }

    /// A peer cannot have its whole half destroyed by one message.
    @Test func onlySoManyBlocksAreAnnouncedAtOnce() throws {
        let most = ControlMessage.blocks(start: 5, count: Limits.padAnnounced)
        let frame = try most.encode()[0]
        #expect(try ControlMessage.decode(type: frame.type, payload: frame.payload) == most)
        #expect(throws: WireError.tooLarge) {
            try ControlMessage.blocks(start: 5, count: Limits.padAnnounced + 1).encode()
        }
        #expect(throws: WireError.tooLarge) { try ControlMessage.decode(type: 13, payload: [5, 0x81, 0x20]) }
    }

    /// What says nothing of a transfer is not covered; everything else is, whatever its type.
    @Test func whatIsCovered() {
        let clear = (UInt8(0)...255).filter { !ControlMessage.isCovered(type: $0) }
        #expect(clear == [9, 10, 11, 12, 13])
    }

    @Test func tooLargeAPayload() {
        let payload = [UInt8](repeating: 0, count: Limits.payload + 1)
        for type in UInt8(1)...15 {
            #expect(throws: WireError.tooLarge) { try ControlMessage.decode(type: type, payload: payload) }
        }
    }

    /// Bytes of no meaning are refused or read, but never trap; what is read is written as it was.
    @Test(arguments: 0..<20)
    func noise(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let type = UInt8(1 + random.number(below: 15))
            let payload = random.oneIn(2) ? random.bytes(upTo: 80) : random.bytes(upTo: 80).map { $0 & 3 }
            guard let message = try? ControlMessage.decode(type: type, payload: payload) else { continue }
            let frames = try message.encode()
            #expect(frames.count == 1)
            #expect(frames[0].type == type)
            #expect(frames[0].payload == payload)
        }
    }
}

extension ControlMessage {
    var kind: Int {
        switch self {
        case .request: 1
        case .offer: 2
        case .accept: 3
        case .holdings: 4
        case .anew: 5
        case .want: 6
        case .dropped: 7
        case .receipt: 8
        case .abort: 9
        case .alive: 10
        case .end: 11
        case .cover: 12
        case .blocks: 13
        case .message: 14
        case .piece: 15
        }
    }

    var isList: Bool {
        switch self {
        case .holdings, .anew, .want, .dropped, .receipt, .piece: true
        default: false
        }
    }
}
