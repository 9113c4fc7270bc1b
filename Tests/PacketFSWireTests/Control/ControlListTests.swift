import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Lists of control messages")
struct ControlListTests {
    /// The messages that `message` becomes, each of them checked to fit its frame.
    private func pieces(_ message: ControlMessage) throws -> [ControlMessage] {
        let frames = try message.encode()
        #expect(frames.allSatisfy { $0.payload.count <= Limits.payload })
        return try frames.map { try ControlMessage.decode(type: $0.type, payload: $0.payload) }
    }

    @Test(arguments: [false, true])
    func holdings(isLast: Bool) throws {
        var random = SeededRandom(seed: 11)
        let extents = random.extents(5000)
        let log: LogID = random.identifier()
        let pieces = try pieces(.holdings(log, extents, isLast: isLast))
        #expect(pieces.count > 2)
        var joined: [Extent] = []
        for (index, piece) in pieces.enumerated() {
            guard case .holdings(log, let some, let end) = piece else { throw WireError.inconsistent }
            #expect(end == (isLast && index == pieces.count - 1))
            joined += some
        }
        #expect(joined == extents)
    }

    @Test func partialStates() throws {
        var random = SeededRandom(seed: 12)
        let partial = random.partial(files: 30_000)
        let pieces = try pieces(.anew(partial, isLast: true))
        #expect(pieces.count > 1)
        var files: [PartialFile] = []
        for (index, piece) in pieces.enumerated() {
            guard case .anew(let some, let end) = piece else { throw WireError.inconsistent }
            #expect(some.voids == partial.voids && some.transfer == partial.transfer)
            #expect(end == (index == pieces.count - 1))
            files += some.files
        }
        #expect(files == partial.files)
    }

    @Test func wants() throws {
        let everySecond = (0..<100_000).map { $0 * 2 }
        let pieces = try pieces(.want(everySecond, isLast: true))
        #expect(pieces.count > 1)
        var entries: [Int] = []
        for (index, piece) in pieces.enumerated() {
            guard case .want(let some, let end) = piece else { throw WireError.inconsistent }
            #expect(end == (index == pieces.count - 1))
            entries += some
        }
        #expect(entries == everySecond)
    }

    @Test func receipts() throws {
        var random = SeededRandom(seed: 13)
        var receipt = random.receipt(items: 0)
        receipt.failures = random.failures(20_000)
        receipt.learned = random.extents(3000)
        let pieces = try pieces(.receipt(receipt, isLast: true))
        #expect(pieces.count > 2)
        var joined = receipt
        joined.failures = []
        joined.learned = []
        for (index, piece) in pieces.enumerated() {
            guard case .receipt(let some, let end) = piece else { throw WireError.inconsistent }
            #expect(end == (index == pieces.count - 1))
            #expect(some.filesWritten == receipt.filesWritten && some.bytesRepaired == receipt.bytesRepaired)
            joined.failures += some.failures
            joined.learned += some.learned
        }
        #expect(joined == receipt)
    }

    @Test func failures() throws {
        var random = SeededRandom(seed: 14)
        let failures = random.failures(40_000)
        var joined: [FailedEntry] = []
        for piece in try pieces(.dropped(failures)) {
            guard case .dropped(let some) = piece else { throw WireError.inconsistent }
            joined += some
        }
        #expect(joined == failures)
    }

    @Test func aWholeTreeIsWantedInAFewBytes() throws {
        let frames = try ControlMessage.want(Array(0..<Limits.entries), isLast: true).encode()
        #expect(frames.count == 1)
        #expect(frames[0].payload.count < 8)
        #expect(try pieces(.want(Array(0..<Limits.entries), isLast: true)).count == 1)
    }

    @Test func emptyLists() throws {
        var random = SeededRandom(seed: 15)
        let log: LogID = random.identifier()
        for message in [ControlMessage.holdings(log, [], isLast: true), .want([], isLast: false), .dropped([])] {
            #expect(try pieces(message) == [message])
        }
    }

    @Test(arguments: [
        ([3, 2], WireError.inconsistent), ([2, 2], .inconsistent), ([1, 2, 2], .inconsistent), ([-1], .tooLarge),
        ([Limits.entries], .tooLarge), ([.max], .tooLarge),
    ])
    func wantsThatMayNotBeSent(entries: [Int], error: WireError) {
        #expect(throws: error) { try ControlMessage.want(entries, isLast: true).encode() }
    }

    /// A run of wanted entries may claim no more than a manifest can have.
    @Test func wantsBeyondEveryManifest() {
        var writer = ByteWriter()
        writer.flag(true)
        writer.count(1)
        writer.count(Limits.entries - 1)
        #expect(throws: WireError.tooLarge) { try ControlMessage.decode(type: 6, payload: writer.bytes) }
        writer = ByteWriter()
        writer.flag(true)
        writer.varint(1 << 63)
        writer.count(0)
        #expect(throws: WireError.tooLarge) { try ControlMessage.decode(type: 6, payload: writer.bytes) }
    }

    @Test(arguments: [
        (AddressRange(address: 0, length: 0), WireError.inconsistent),
        (AddressRange(address: 0, length: -1), .inconsistent),
        (AddressRange(address: 0, length: Limits.extent + 1), .tooLarge),
        (AddressRange(address: Limits.address, length: 1), .tooLarge),
        (AddressRange(address: .max, length: 1), .tooLarge),
    ])
    func extentsThatMayNotBeSent(range: AddressRange, error: WireError) {
        let log = LogID(unchecked: [UInt8](repeating: 1, count: 16))
        let extent = Extent(range: range, digest: [UInt8](repeating: 2, count: 32))
        #expect(throws: error) { try ControlMessage.holdings(log, [extent], isLast: true).encode() }
    }

    @Test(arguments: [
        (UInt64.max, UInt64(1), WireError.tooLarge), (Limits.address, 1, .tooLarge), (0, 0, .inconsistent),
        (0, UInt64(Limits.extent) + 1, .tooLarge), (0, 1 << 63, .tooLarge),
    ])
    func hostileExtents(address: UInt64, length: UInt64, error: WireError) {
        var writer = ByteWriter()
        writer.flag(true)
        writer.raw([UInt8](repeating: 1, count: 16))
        writer.varint(address)
        writer.varint(length)
        writer.raw([UInt8](repeating: 2, count: 32))
        #expect(throws: error) { try ControlMessage.decode(type: 4, payload: writer.bytes) }
    }

    /// The second address wraps round to one before the first.
    @Test func hostileSecondExtent() {
        var writer = ByteWriter()
        writer.flag(true)
        writer.raw([UInt8](repeating: 1, count: 16))
        for delta in [100, UInt64.max - 50] {
            writer.varint(delta)
            writer.varint(1)
            writer.raw([UInt8](repeating: 2, count: 32))
        }
        #expect(throws: WireError.tooLarge) { try ControlMessage.decode(type: 4, payload: writer.bytes) }
    }

    @Test func unsortedExtentsAreNotSent() {
        var random = SeededRandom(seed: 16)
        let extents = random.extents(2)
        let log: LogID = random.identifier()
        #expect(throws: WireError.inconsistent) {
            try ControlMessage.holdings(log, extents.reversed(), isLast: true).encode()
        }
    }

    @Test func filesOfNoTransfer() {
        var random = SeededRandom(seed: 17)
        var partial = random.partial(files: 2)
        partial.transfer = nil
        #expect(throws: WireError.inconsistent) { try ControlMessage.anew(partial, isLast: true).encode() }
        let payload = [1] + random.bytes(16) + [0, 0, 0]
        #expect(throws: WireError.inconsistent) { try ControlMessage.decode(type: 5, payload: payload) }
    }
}
