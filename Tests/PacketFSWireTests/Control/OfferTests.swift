import PacketFSWire
import Testing

@Suite("Offers and requests")
struct OfferTests {
    private func offer(destination: String = "a", excludes: [String] = []) -> ControlMessage {
        var options = TransferOptions()
        options.excludes = excludes
        return .offer(
            Offer(
                transfer: TransferID(unchecked: [UInt8](repeating: 1, count: 16)), destination: destination,
                options: options, log: LogID(unchecked: [UInt8](repeating: 2, count: 16)),
                holdingsDigest: [UInt8](repeating: 3, count: 32)))
    }

    private func request(sources: [String]) -> ControlMessage {
        .request(Request(sources: sources, options: TransferOptions(), destination: ""))
    }

    private func comesBack(_ message: ControlMessage) throws {
        let frames = try message.encode()
        #expect(try frames.map { try ControlMessage.decode(type: $0.type, payload: $0.payload) } == [message])
    }

    @Test func longestNames() throws {
        let longest = String(repeating: "x", count: Limits.path)
        try comesBack(offer(destination: longest))
        #expect(throws: WireError.tooLarge) { try offer(destination: longest + "x").encode() }
        try comesBack(request(sources: [longest]))
        #expect(throws: WireError.tooLarge) { try request(sources: [longest + "x"]).encode() }
        let pattern = String(repeating: "*", count: Limits.pattern)
        try comesBack(offer(excludes: [pattern]))
        #expect(throws: WireError.tooLarge) { try offer(excludes: [pattern + "*"]).encode() }
    }

    @Test func longestLists() throws {
        try comesBack(offer(excludes: [String](repeating: "x", count: Limits.patterns)))
        #expect(throws: WireError.tooLarge) {
            try offer(excludes: [String](repeating: "x", count: Limits.patterns + 1)).encode()
        }
        try comesBack(request(sources: [String](repeating: "x", count: Limits.sources)))
        #expect(throws: WireError.tooLarge) {
            try request(sources: [String](repeating: "x", count: Limits.sources + 1)).encode()
        }
    }

    /// Each pattern is within its bound, and all of them do not fit a frame.
    @Test func moreThanAFrame() {
        let pattern = String(repeating: "x", count: Limits.pattern)
        #expect(throws: WireError.tooLarge) { try offer(excludes: [String](repeating: pattern, count: 20)).encode() }
    }

    @Test(arguments: ["_", "a_", "a_b"])
    func namesWithNul(pattern: String) throws {
        let name = String(pattern.map { $0 == "_" ? "\0" : $0 })
        #expect(throws: WireError.forbiddenName) { try offer(destination: name).encode() }
        #expect(throws: WireError.forbiddenName) { try request(sources: [name]).encode() }
        let frame = try offer(destination: String(repeating: "x", count: name.utf8.count)).encode()[0]
        let start = 16 + 16 + 32 + 3 + 1
        var payload = frame.payload
        payload.replaceSubrange(start..<start + name.utf8.count, with: name.utf8)
        #expect(throws: WireError.forbiddenName) { try ControlMessage.decode(type: frame.type, payload: payload) }
    }

    @Test func namesThatAreNotText() throws {
        let frame = try offer(destination: "xx").encode()[0]
        var payload = frame.payload
        payload.replaceSubrange(68..<70, with: [0xc3, 0x28])
        #expect(throws: WireError.notText) { try ControlMessage.decode(type: frame.type, payload: payload) }
    }

    @Test func unknownFlags() throws {
        let frame = try request(sources: []).encode()[0]
        for bit in 3..<8 {
            var payload = frame.payload
            payload[0] |= 1 << UInt8(bit)
            #expect(throws: WireError.unknown) { try ControlMessage.decode(type: frame.type, payload: payload) }
        }
        var presence = try offer().encode()[0].payload
        presence[64] = 2
        #expect(throws: WireError.unknown) { try ControlMessage.decode(type: 2, payload: presence) }
    }

    @Test func numbersThatAreNotShortest() throws {
        let frame = try request(sources: []).encode()[0]
        let payload = [frame.payload[0], 0x80, 0] + frame.payload.dropFirst(2)
        #expect(throws: WireError.malformedNumber) { try ControlMessage.decode(type: frame.type, payload: payload) }
    }

    @Test func digestOfAnotherLength() {
        let offer = Offer(
            transfer: TransferID(unchecked: [UInt8](repeating: 1, count: 16)), destination: "", options: .init(),
            log: LogID(unchecked: [UInt8](repeating: 2, count: 16)), holdingsDigest: [1])
        #expect(throws: WireError.inconsistent) { try ControlMessage.offer(offer).encode() }
    }
}
