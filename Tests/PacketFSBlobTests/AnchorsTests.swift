import PacketFSBlob
import Testing

private struct Found: Equatable {
    var end: Int
    var hash: UInt64
}

private func anchors(_ bytes: [UInt8]) -> [Found] {
    var found: [Found] = []
    bytes.withUnsafeBytes { bytes in
        Anchors.scan(bytes) { found.append(Found(end: $0, hash: $1)) }
    }
    return found
}

/// Two places of three are chosen.
private let crowded = (0..<5000).flatMap { _ in [185, 5, 56] as [UInt8] }

@Suite struct AnchorsTests {
    @Test func aboutOneByteInSpacingEndsOne() {
        let count = anchors(randomBytes(4 << 20)).count
        let expected = (4 << 20) / Anchors.spacing
        #expect(count > expected * 9 / 10 && count < expected * 11 / 10)
    }

    @Test func dependOnTheirWindowAlone() {
        let bytes = randomBytes(100_000)
        let whole = anchors(bytes)
        #expect(whole.count > 200)
        for found in whole {
            #expect(
                anchors(Array(bytes[(found.end - Anchors.window)..<found.end])) == [
                    Found(end: Anchors.window, hash: found.hash)
                ])
        }
    }

    /// As `Specs/blob.md` §4 has it, byte by byte; also where many are chosen near each other, as in the second bytes.
    @Test(arguments: [randomBytes(60_000, seed: 4), crowded])
    func areWhereTheirDefinitionSays(_ bytes: [UInt8]) {
        let factors: [UInt32] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f]
        let ends = (32...bytes.count).filter { end in
            var sum: UInt32 = 0x1656_67b1
            for (number, factor) in factors.enumerated() {
                let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[end - 16 + 4 * number + $1]) << (8 * $1) }
                sum &+= word &* factor
            }
            return sum < 1 << 24
        }
        #expect(anchors(bytes).map(\.end) == ends && ends.count > 200)
    }

    /// Steps of 16 KiB, and 32 places at a time: starts and lengths around their borders.
    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 33, 16_367, 16_368, 16_384, 16_385, 32_752, 100_000])
    func areTheSameWhereverTheBytesStand(_ start: Int) {
        let bytes = randomBytes(200_000)
        let whole = anchors(bytes)
        for end in [start, start + 31, start + 32, start + 16_399, start + 16_400, start + 16_432, bytes.count] {
            let part = anchors(Array(bytes[start..<end])).map { Found(end: $0.end + start, hash: $0.hash) }
            #expect(part == whole.filter { $0.end >= start + Anchors.window && $0.end <= end })
        }
    }

    @Test func ascend() {
        let ends = anchors(randomBytes(1 << 20, seed: 3)).map(\.end)
        #expect(zip(ends, ends.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test(arguments: 0...255)
    func aRepeatedByteHasAtMostOne(_ byte: Int) {
        #expect(anchors([UInt8](repeating: UInt8(byte), count: 50_000)).count <= 1)
    }

    @Test(arguments: 0..<Anchors.window)
    func fewerBytesThanAWindowHaveNone(_ count: Int) {
        #expect(anchors([UInt8](repeating: 0, count: count)) == [])
    }
}
