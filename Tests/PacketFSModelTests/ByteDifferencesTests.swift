import PacketFSModel
import PacketFSTestKit
import Testing

/// Differences byte by byte, at the sizes around those that are taken at once.
@Suite struct ByteDifferencesTests {
    private static let counts = Array(0...100) + [4095, 4096, 4097]

    @Test(arguments: counts)
    func areWhatSubtractingEachByteGives(_ count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let (bytes, base) = (random.bytes(count), random.bytes(count))
        let found = written(count) { target in
            base.withUnsafeBytes { base in
                bytes.withUnsafeBytes { ByteDifferences.subtract(base, from: $0, into: target) }
            }
        }
        #expect(found == zip(bytes, base).map { $0 &- $1 } + [0xaa])
    }

    @Test(arguments: counts)
    func areAddedToABaseElsewhereOrInPlace(_ count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let (differences, base) = (random.bytes(count), random.bytes(count))
        let sums = zip(differences, base).map { $0 &+ $1 } + [0xaa]
        let elsewhere = written(count) { target in
            base.withUnsafeBytes { base in
                differences.withUnsafeBytes { ByteDifferences.add($0, to: base, into: target) }
            }
        }
        let inPlace = written(count) { target in
            base.withUnsafeBytes { target.copyMemory(from: $0) }
            let here = UnsafeRawBufferPointer(rebasing: target[..<count])
            differences.withUnsafeBytes { ByteDifferences.add($0, to: here, into: target) }
        }
        #expect(elsewhere == sums && inPlace == sums)
    }

    /// What `body` makes of a buffer of one byte more, of which the last is to stay.
    private func written(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xaa, count: count + 1)
        bytes.withUnsafeMutableBytes(body)
        return bytes
    }
}
