import Crypto
import PacketFSBlob
import PacketFSWire
import Testing

@Suite struct PlacementTests {
    private static let unit = UInt64(Placement.unit)

    private func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: Placement.keyLength) }

    private func ranges(_ placement: Placement) -> [AddressRange] {
        (0..<placement.unitCount).map(placement.range(ofUnit:))
    }

    @Test(arguments: [1, unit - 1, unit, unit + 1, 2 * unit, 7 * unit + 5, 100 * unit, 257 * unit - 1])
    func isAPermutationWithoutGaps(_ byteCount: UInt64) throws {
        let placement = try Placement(key: key(1), address: 12_345, byteCount: byteCount)
        var end: UInt64 = 12_345
        for range in ranges(placement).sorted(by: { $0.address < $1.address }) {
            #expect(range.address == end)
            end = range.end
        }
        #expect(end == 12_345 + byteCount)
        let last = byteCount % Self.unit
        #expect(ranges(placement).dropLast().allSatisfy { $0.length == Placement.unit })
        #expect(ranges(placement).last?.length == Int(last == 0 ? Self.unit : last))
    }

    @Test func differsByKeyAddressAndLength() throws {
        let length = 64 * Self.unit
        let placements = [
            try Placement(key: key(1), address: 0, byteCount: length),
            try Placement(key: key(2), address: 0, byteCount: length),
            try Placement(key: key(1), address: 1, byteCount: length),
            try Placement(key: key(1), address: 0, byteCount: length - 1),
        ]
        let orders = placements.map { placement in
            ranges(placement).enumerated().sorted { $0.element.address < $1.element.address }.map(\.offset)
        }
        #expect(Set(orders).count == orders.count)
        #expect(!orders.contains(Array(0..<64)))
        #expect(ranges(placements[0]) == ranges(try Placement(key: key(1), address: 0, byteCount: length)))
    }

    /// Every unit is as likely as any other to stand first.
    @Test func isEven() throws {
        var first = [Int](repeating: 0, count: 4)
        for turn in 0..<2000 {
            var key = key(9)
            (key[0], key[1]) = (UInt8(turn & 0xff), UInt8(turn >> 8))
            let placement = try Placement(key: key, address: 0, byteCount: 4 * Self.unit)
            let unit = try #require(ranges(placement).firstIndex { $0.address == 0 })
            first[unit] += 1
        }
        #expect(first.allSatisfy { $0 > 400 && $0 < 600 })
    }

    /// The draws of `Specs/blob.md` §6, done by hand for two units.
    @Test(arguments: UInt8(0)..<16)
    func followsTheSpecification(_ byte: UInt8) throws {
        let length = 2 * Self.unit
        var input = Array("packetfs/1 placement".utf8)
        for number in [UInt64(256), length, 0] { input += withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        let block = Array(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: key(byte))))
        let draw = block[7] & 1
        let placement = try Placement(key: key(byte), address: 256, byteCount: length)
        // A draw of 1 leaves the last unit last; 0 swaps the two.
        #expect(placement.range(ofUnit: 1).address == (draw == 1 ? 256 + Self.unit : 256))
    }

    @Test func beyondLimitsIsRefused() {
        let most = UInt64(Placement.maximumUnits) * Self.unit
        let cases: [([UInt8], UInt64, UInt64)] = [
            (key(1), 0, 0), (key(1), 0, most + 1), (key(1), 0, .max), (key(1), .max, 1),
            (key(1), Limits.address, 1), (key(1) + [1], 0, 1), ([], 0, 1),
        ]
        for (key, address, byteCount) in cases {
            #expect(throws: BlobError.outOfBounds) { try Placement(key: key, address: address, byteCount: byteCount) }
        }
    }
}

@Suite struct ProvisionerTests {
    private let scratch: Scratch
    private let log: Log
    private let key = [UInt8](repeating: 3, count: Placement.keyLength)

    init() throws {
        scratch = try Scratch()
        log = try scratch.log()
    }

    private func append(_ bytes: some Collection<UInt8>, to provisioner: inout Provisioner) throws {
        let result = Array(bytes).withUnsafeBytes { bytes in
            Result { () throws(BlobError) in try provisioner.append(bytes) }
        }
        try result.get()
    }

    @Test func everyUnitLandsInItsPlace() throws {
        let bytes = randomBytes(Limits.extent + 5 * Placement.unit + 77)
        let placement = try Placement(key: key, address: 4096, byteCount: UInt64(bytes.count))
        var provisioner = Provisioner(log: log, placement: placement)
        // In pieces that do not line up with units.
        for start in stride(from: 0, to: bytes.count, by: 700_001) {
            try append(bytes[start..<min(start + 700_001, bytes.count)], to: &provisioner)
        }
        let extents = try provisioner.finish()
        for unit in 0..<placement.unitCount {
            let start = unit * Placement.unit
            let range = placement.range(ofUnit: unit)
            #expect(log.bytes(range) == Array(bytes[start..<start + range.length]))
        }
        #expect(extents.map(\.range.length) == [Limits.extent, 5 * Placement.unit + 77])
        #expect(extents.map(\.range.address) == [4096, 4096 + UInt64(Limits.extent)])
        for extent in extents { #expect(Healer.verify(extent, in: log)) }
    }

    @Test func aSourceThatShrinksOrGrowsIsNoticed() throws {
        let placement = try Placement(key: key, address: 0, byteCount: 1000)
        var short = Provisioner(log: log, placement: placement)
        try append(randomBytes(999), to: &short)
        #expect(throws: BlobError.sourceChanged) { try short.finish() }
        var long = Provisioner(log: log, placement: placement)
        #expect(throws: BlobError.sourceChanged) { try append(randomBytes(1001), to: &long) }
        #expect(log.end <= 1000)
    }
}
