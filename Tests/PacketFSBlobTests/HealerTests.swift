import Crypto
import Glibc
import PacketFSBlob
import PacketFSWire
import Testing

@Suite struct HealerTests {
    private let scratch: Scratch
    private let log: Log
    private let bytes = randomBytes(100_000)
    private let extent: Extent

    init() throws {
        scratch = try Scratch()
        log = try scratch.log()
        extent = Extent(
            range: AddressRange(address: 1000, length: bytes.count), digest: try digest(bytes, at: 1000))
        try log.write(bytes, at: 1000)
    }

    private func patch(_ range: Range<Int>) -> Patch {
        Patch(address: 1000 + UInt64(range.lowerBound), bytes: Array(bytes[range]))
    }

    private var isWhole: Bool { log.bytes(extent.range) == bytes }

    @Test func aWholeExtentVerifiesAndNeedsNothing() throws {
        #expect(Healer.verify(extent, in: log))
        #expect(try Healer.heal(log: log, extent: extent, patches: []))
    }

    @Test(arguments: [0, 1, 50_000, 99_999])
    func oneFlippedBitIsFoundAndHealed(_ offset: Int) throws {
        try log.write([bytes[offset] ^ 0x10], at: 1000 + UInt64(offset))
        #expect(!Healer.verify(extent, in: log))
        #expect(try Healer.heal(log: log, extent: extent, patches: [patch(offset..<offset + 1)]))
        #expect(isWhole)
        #expect(Healer.verify(extent, in: log))
    }

    @Test func aTruncatedLogIsHealed() throws {
        #expect(truncate(scratch.file("log"), 60_000) == 0)
        #expect(!Healer.verify(extent, in: log))
        #expect(try Healer.heal(log: log, extent: extent, patches: [patch(70_000..<100_000), patch(50_000..<75_000)]))
        #expect(isWhole)
    }

    @Test func onlyBytesThatRestoreTheDigestAreWritten() throws {
        try log.write([bytes[10] ^ 1, bytes[11] ^ 1], at: 1010)
        let damaged = log.bytes(extent.range)
        var wrong = patch(5..<20)
        wrong.bytes[0] ^= 1
        for patches in [[], [patch(10..<11)], [wrong], [patch(11..<100)], [patch(5..<20), wrong]] {
            #expect(try !Healer.heal(log: log, extent: extent, patches: patches))
            #expect(log.bytes(extent.range) == damaged)
        }
    }

    @Test func patchesAreClippedToTheExtent() throws {
        try log.write([bytes[0] ^ 1], at: 1000)
        try log.write([bytes[99_999] ^ 1], at: 100_999)
        try log.write([42], at: 999)
        let before = Patch(address: 990, bytes: randomBytes(10, seed: 9) + bytes[..<5])
        let after = Patch(address: 100_990, bytes: Array(bytes[99_990...]) + randomBytes(10, seed: 9))
        let outside = [Patch(address: .max, bytes: [1]), Patch(address: 0, bytes: [1]), Patch(address: 5, bytes: [])]
        #expect(try Healer.heal(log: log, extent: extent, patches: outside + [before, after]))
        #expect(isWhole)
        #expect(log.bytes(AddressRange(address: 999, length: 1)) == [42])
        #expect(log.end == 101_000)
    }

    @Test(arguments: [
        AddressRange(address: 0, length: Limits.extent + 1), AddressRange(address: 0, length: 0),
        AddressRange(address: .max, length: 1), AddressRange(address: 0, length: -1),
    ])
    func anImplausibleExtentIsNeitherWholeNorHealed(_ range: AddressRange) throws {
        let strange = Extent(range: range, digest: Array(SHA256.hash(data: [UInt8]())))
        #expect(!Healer.verify(strange, in: log))
        #expect(try !Healer.heal(log: log, extent: strange, patches: []))
    }

    /// The encoding of `Specs/blob.md` §5, put together by hand.
    @Test func holdingsDigestIsAsSpecified() throws {
        let id = someLog(0xab)
        let other = Extent(range: AddressRange(address: 1 << 40, length: 2), digest: [UInt8](repeating: 7, count: 32))
        let holdings = try Holdings(log: id, extents: [extent, other])
        var input = id.bytes
        input += [0, 0, 0, 0, 0, 0, 0x03, 0xe8] + [0, 0, 0, 0, 0, 0x01, 0x86, 0xa0] + extent.digest
        input += [0, 0, 1, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 2] + other.digest
        #expect(holdings.digest == Array(SHA256.hash(data: input)))
        #expect(try Holdings(log: id, extents: []).digest == Array(SHA256.hash(data: id.bytes)))
    }
}
