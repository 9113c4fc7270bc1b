import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPad

/// A crash at each durable step of a keystream, on a disk that forgets what was not synced: no byte of a pad ever covers
/// two plaintexts.
@Suite("Crashes of keystreams")
struct KeystreamCrashTests {
    private static let blocks = 48

    /// Covers payloads of one value until the pad's gate lets it, and notes what left.
    private func run(_ pad: Pad, _ value: UInt8, _ covered: inout CoveredBytes) throws {
        let sender = try KeystreamSender(pad)
        var places = Places()
        for count in [100, 9000, Limits.payload, 30_000] {
            var payload = [UInt8](repeating: value, count: count)
            try payload.withUnsafeMutableBytes { try sender.cover($0) { places.announce($0) } }
            covered.note(payload, at: places.take(count))
        }
        try sender.close()
    }

    @Test(arguments: LossyDisk.Fate.allCases)
    func noByteCoversTwoPlaintextsWhereverASenderCrashes(_ fate: LossyDisk.Fate) throws {
        let whole = try PadFolder()
        try whole.fill(blocks: Self.blocks)
        let counter = LossyDisk(after: .max, fate, attic: whole.path)
        var none = CoveredBytes(blocks: Self.blocks)
        try run(try whole.open("a", gate: counter), 0, &none)
        #expect(counter.count > 20)
        for moment in 0..<counter.count {
            let folder = try PadFolder()
            try folder.fill(blocks: Self.blocks)
            var covered = CoveredBytes(blocks: Self.blocks)
            let gate = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
            #expect(throws: PadError.crashed) { try run(try folder.open("a", gate: gate), 1, &covered) }
            // It crashes again while it recovers, then goes on as far as the pad reaches.
            let again = LossyDisk(after: moment % 9, fate, attic: folder.path, seed: UInt64(moment))
            _ = try? folder.open("a", gate: again)
            do { try run(try folder.open("a"), 2, &covered) } catch PadError.exhausted {}
            let pad = try folder.open("a")
            #expect(try pad.file.isDestroyed(half: 0, 0..<pad.state.next), "moment \(moment)")
            #expect(pad.state.open.isEmpty)
            #expect(covered.compared == 0, "moment \(moment)")
        }
    }

    /// Whatever a receiver forgets, it opens nothing with blocks that it opened something with before.
    @Test(arguments: LossyDisk.Fate.allCases)
    func aReceiverThatCrashesRefusesWhatItUsed(_ fate: LossyDisk.Fate) throws {
        var moment = 0
        var hasCrashed = true
        while hasCrashed {
            let folder = try PadFolder()
            try folder.fill(blocks: 8)
            let gate = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
            var wasUsed = false
            do {
                let receiver = try KeystreamReceiver(try folder.open("b", gate: gate))
                try receiver.expect(0..<4)
                var payload = [UInt8](repeating: 0, count: 3 * Limits.padBlock)
                try payload.withUnsafeMutableBytes { try receiver.uncover($0) }
                wasUsed = true
                try receiver.close()
                hasCrashed = false
            } catch PadError.crashed {
                let pad = try folder.open("b")
                if wasUsed { #expect(throws: PadError.spent) { try KeystreamReceiver(pad).expect(0..<4) } }
                #expect(try pad.state.received.ranges.allSatisfy { try pad.file.isDestroyed(half: 0, $0) })
                #expect(pad.state.uncleared.isEmpty)
            }
            moment += 1
        }
        #expect(moment > 8)
    }

    /// Messages and keystreams by turns on one pad, each cut at some step.
    @Test(arguments: [UInt64.random(in: 0 ... .max)])
    func randomCrashesOfBothModes(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let blocks = 6000
        let folder = try PadFolder()
        try folder.fill(blocks: blocks)
        var covered = CoveredBytes(blocks: blocks)
        var crashes = 0
        for number in 0..<120 {
            let fate = LossyDisk.Fate.allCases[number % LossyDisk.Fate.allCases.count]
            let gate = LossyDisk(after: random.draw(0...60), fate, attic: folder.path, seed: random.next())
            do {
                if random.oneIn(2) {
                    try run(try folder.open("a", gate: gate), UInt8(number), &covered)
                } else {
                    let plain = [UInt8](repeating: UInt8(number), count: random.draw(1...30_000))
                    covered.note(message: try folder.seal([plain], gate: gate))
                }
            } catch PadError.crashed {
                crashes += 1
            }
            for name in try folder.messageNames() { covered.note(message: try folder.bytes("a/messages/" + name)) }
        }
        #expect(crashes > 20, "seed \(seed)")
        let pad = try folder.open("a")
        #expect(try pad.file.isDestroyed(half: 0, 0..<pad.state.next))
    }
}
