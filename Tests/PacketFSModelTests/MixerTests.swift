import CMixing
import PacketFSTestKit
import Testing

@testable import PacketFSModel

/// Mixing by wide instructions and without them: the same bytes, and the same state behind them.
@Suite struct MixerTests {
    /// What a model is made of, and what it coded.
    private struct Bench: ~Copyable {
        let table: SlotTable
        let mixer: Mixer

        /// So few lines that contexts share them all the time.
        init(isWide: Bool) {
            table = SlotTable(logLines: 4)
            table.reset()
            mixer = Mixer(sets: 256, rate: 7, isWide: isWide)
        }

        deinit {
            table.free()
            mixer.free()
        }

        func code<Coder: BitCoder>(_ said: Said, _ coder: inout Coder) -> Said {
            var told = said
            for place in said.bytes.indices {
                let contexts = said.contexts[place]
                told.bytes[place] = mixer.code(byte: said.bytes[place], table, contexts, set: 0, &coder)
                told.bits[place] = mixer.code(said.bits[place], table, contexts, set: place % 256, &coder)
            }
            return told
        }
    }

    private struct Said {
        var bytes: [UInt8]
        var bits: [Int]
        var contexts: [Mixer.Contexts]
    }

    private static func said(_ seed: Int) -> Said {
        var random = SeededRandom(seed: UInt64(seed))
        let count = 3_000
        let bytes = seed.isMultiple(of: 2) ? random.text(count) : random.bytes(count)
        let contexts = (0..<count).map { place -> Mixer.Contexts in
            let latest = UInt32(place > 0 ? bytes[place - 1] : 0)
            return (1, latest, random.oneIn(5) ? latest : latest << 8, UInt32(place & 7))
        }
        return Said(bytes: bytes, bits: bytes.map { Int($0 >> 3 & 1) }, contexts: contexts)
    }

    @Test(arguments: 0..<10, [(true, true), (true, false), (false, true), (false, false)])
    func tellsTheSameWhicheverInstructionsThereAre(_ seed: Int, _ isWide: (writing: Bool, reading: Bool)) {
        let said = Self.said(seed)
        var encoder = RangeEncoder()
        _ = Bench(isWide: isWide.writing).code(said, &encoder)
        let coded = encoder.finish()
        let told = coded.withUnsafeBufferPointer { coded in
            var decoder = RangeDecoder(coded)
            let nothing = Said(
                bytes: said.bytes.map { _ in 0 }, bits: said.bits.map { _ in 0 }, contexts: said.contexts)
            let told = Bench(isWide: isWide.reading).code(nothing, &decoder)
            #expect(decoder.isExact)
            return told
        }
        #expect(told.bytes == said.bytes && told.bits == said.bits)
    }

    @Test(arguments: 0..<20)
    func findsWhereDistancesBegin(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var bytes = seed.isMultiple(of: 2) ? random.bytes(2_000) : random.text(2_000)
        for place in stride(from: 1, to: bytes.count, by: 97) { bytes[place] = 0xe8 }
        let native = NativeCode.shared
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for start in stride(from: 2, to: bytes.count, by: 13) {
                let end = min(bytes.count, start + random.draw(0...300))
                let count = random.oneIn(2) ? bytes.count : end
                let wanted = (start..<end).first {
                    $0 + 4 <= count && native.kinds[Int(base[$0 - 2]) << 8 | Int(base[$0 - 1])] != NativeCode.none
                }
                #expect(native.next(in: base, from: start, below: end, of: count) == wanted ?? end)
            }
        }
    }
}
