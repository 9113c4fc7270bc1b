import PacketFSTestKit
import Testing

@testable import PacketFSModel

/// Adds: whatever they resemble, the decoder gives what the encoder saw, and nothing beside it.
@Suite struct DifferenceTests {
    /// What may stand in a log and in a leaf.
    enum Nature: CaseIterable {
        case random, text, prose, native
    }

    @Test(arguments: Nature.allCases, 0..<12)
    func tellsWhatRandomEditsMadeOfTheBase(_ nature: Nature, _ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let log = bytes(nature, 20_000, &random)
        let (leaf, stretches) = edited(log, &random)
        let coded = encode(leaf, stretches, log)
        #expect(decode(coded, stretches, log, count: leaf.count) == covered(leaf, stretches))
    }

    @Test func needsFewBytesForWhatMoved() {
        var random = SeededRandom(seed: 1)
        let log = bytes(.native, 60_000, &random)
        // The same code 64 bytes on: calls to what did not move have other distances, each target the same error.
        var leaf = log
        for place in 2..<leaf.count - 4 where leaf[place - 1] == 0xe8 { add(64, to: &leaf, at: place) }
        let whole = [Stretch(address: 1 << 20, length: leaf.count, place: 0, isAdd: true)]
        let coded = encode(leaf, whole, log)
        let calls = (2..<leaf.count - 4).count { log[$0 - 1] == 0xe8 }
        #expect(calls > 200 && coded.count < calls * 2)
        #expect(decode(coded, whole, log, count: leaf.count) == leaf)
    }

    @Test func needsNextToNothingForEqualBytes() {
        var random = SeededRandom(seed: 2)
        let log = random.text(50_000)
        let whole = [Stretch(address: 0, length: log.count, place: 0, isAdd: true)]
        #expect(encode(log, whole, log).count <= 8)
    }

    @Test func leavesDoNotDependOnEachOther() {
        var random = SeededRandom(seed: 3)
        let log = bytes(.native, 20_000, &random)
        let (leaf, stretches) = edited(log, &random)
        let encoder = DifferenceEncoder()
        let first = encode(leaf, stretches, log, with: encoder)
        #expect(encode(leaf, stretches, log, with: encoder) == first)
    }

    @Test(arguments: 0..<40)
    func hostileCodeWritesNothingBesideItsRange(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let log = bytes(.native, 5_000, &random)
        let range = 100..<100 + random.draw(1...4_000)
        let address = random.oneIn(3) ? UInt64(1) << 56 - 5_000 : UInt64(random.draw(0...1 << 40))
        let stretch = Stretch(address: address, length: range.count, place: range.lowerBound, isAdd: true)
        let coded = random.oneIn(4) ? [UInt8](repeating: 0xff, count: 64) : random.bytes(random.draw(0...900))
        var leaf = [UInt8](repeating: 7, count: range.upperBound + 100)
        leaf.withUnsafeMutableBytes { leaf in
            log.withUnsafeBytes { log in
                _ = DifferenceDecoder().leaf(coded, [stretch]) { adds in
                    let base = UnsafeRawBufferPointer(rebasing: log[..<range.count])
                    adds.add(leaf, range, base: base, address: address)
                }
            }
        }
        #expect(leaf[..<range.lowerBound].allSatisfy { $0 == 7 } && leaf[range.upperBound...].allSatisfy { $0 == 7 })
    }

    @Test func tellsACutCodeFromAWholeOne() {
        var random = SeededRandom(seed: 4)
        let log = bytes(.random, 4_000, &random)
        let leaf = bytes(.random, 4_000, &random)
        let whole = [Stretch(address: 0, length: leaf.count, place: 0, isAdd: true)]
        let coded = encode(leaf, whole, log)
        #expect(decode(coded, whole, log, count: leaf.count) == leaf)
        #expect(decode(coded.dropLast(8), whole, log, count: leaf.count) == nil)
        #expect(decode(coded + [1, 1, 1, 1, 1], whole, log, count: leaf.count) == nil)
    }

    private func bytes(_ nature: Nature, _ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        switch nature {
        case .random: return random.bytes(count)
        case .text: return random.text(count)
        case .prose: return random.prose(count)
        case .native:
            var code = random.prose(count)
            for place in stride(from: 8, to: count - 8, by: random.draw(20...40)) {
                let opcodes: [[UInt8]] = [[0xe8], [0xe9], [0x0f, 0x84], [0x8b, 0x05], [0x48, 0x8d, 0x0d]]
                let opcode = opcodes[random.draw(0...4)]
                code.replaceSubrange(place..<place + opcode.count, with: opcode)
                for offset in 0..<4 {
                    code[place + opcode.count + offset] = offset < 2 ? UInt8(random.draw(0...255)) : 0
                }
            }
            return code
        }
    }

    private func add(_ number: UInt32, to bytes: inout [UInt8], at place: Int) {
        var value: UInt32 = 0
        for offset in 0..<4 { value |= UInt32(bytes[place + offset]) << UInt32(8 * offset) }
        value &+= number
        for offset in 0..<4 { bytes[place + offset] = UInt8(truncatingIfNeeded: value >> UInt32(8 * offset)) }
    }

    /// A leaf of pieces of the log with single bytes, words and runs changed, and strange bytes between them.
    private func edited(_ log: [UInt8], _ random: inout SeededRandom) -> ([UInt8], [Stretch]) {
        var leaf: [UInt8] = []
        var stretches: [Stretch] = []
        for _ in 0..<random.draw(1...30) {
            leaf += random.bytes(random.draw(0...20))
            let start = random.draw(0...log.count - 1)
            var piece = Array(log[start...].prefix(random.magnitude(upTo: 3_000)))
            for _ in 0..<random.draw(0...piece.count / 10) {
                let place = random.draw(0...piece.count - 1)
                for offset in place..<min(piece.count, place + random.magnitude(upTo: 12)) {
                    piece[offset] = UInt8(random.draw(0...255))
                }
            }
            stretches.append(
                Stretch(address: UInt64(start), length: piece.count, place: leaf.count, isAdd: !random.oneIn(5)))
            leaf += piece
        }
        return (leaf, stretches)
    }

    /// The leaf with zeros where no add gives bytes.
    private func covered(_ leaf: [UInt8], _ stretches: [Stretch]) -> [UInt8] {
        var covered = [UInt8](repeating: 0, count: leaf.count)
        for stretch in stretches where stretch.isAdd {
            let range = stretch.place..<stretch.place + stretch.length
            covered.replaceSubrange(range, with: leaf[range])
        }
        return covered
    }

    private func encode(
        _ leaf: [UInt8], _ stretches: [Stretch], _ log: [UInt8], with encoder: DifferenceEncoder = DifferenceEncoder()
    ) -> [UInt8] {
        encoder.begin(stretches)
        for stretch in stretches where stretch.isAdd {
            leaf.withUnsafeBytes { leaf in
                base(stretch, log).withUnsafeBytes {
                    encoder.add(
                        leaf, stretch.place..<stretch.place + stretch.length, base: $0, address: stretch.address)
                }
            }
        }
        return encoder.finish()
    }

    /// `nil` where the code was not needed exactly.
    private func decode(
        _ coded: some Collection<UInt8>, _ stretches: [Stretch], _ log: [UInt8], count: Int
    ) -> [UInt8]? {
        var leaf = [UInt8](repeating: 0, count: count)
        let isExact = leaf.withUnsafeMutableBytes { leaf in
            DifferenceDecoder().leaf(Array(coded), stretches) { adds in
                for stretch in stretches where stretch.isAdd {
                    let range = stretch.place..<stretch.place + stretch.length
                    base(stretch, log).withUnsafeBytes { adds.add(leaf, range, base: $0, address: stretch.address) }
                }
            }
        }
        return isExact ? leaf : nil
    }

    /// What a stretch resembles: the log stands at address 0, or at the stretch's own if that lies beyond it.
    private func base(_ stretch: Stretch, _ log: [UInt8]) -> [UInt8] {
        let start = stretch.address < UInt64(log.count) ? Int(stretch.address) : 0
        return Array(log[start...].prefix(stretch.length))
    }
}
