import Foundation
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPad

/// A crash before each durable step in turn: no byte of a pad ever covers two plaintexts.
@Suite("Crashes of pads")
struct PadCrashTests {
    /// What was, or may have been, seen by somebody: every message that was stored, whole or not, and every one sent.
    private struct Covered {
        var pieces: [UInt64: [UInt8]] = [:]
        private(set) var checked = 0
        private var whole: Set<String> = []

        /// Blocks are compared as far as both messages have them: a piece of a message is no second message.
        mutating func note(_ message: [UInt8]) {
            guard message.count > MessageHead.size,
                let head = try? MessageHead(decoding: Array(message.prefix(MessageHead.size)))
            else { return }
            let body = Array(message.dropFirst(MessageHead.size))
            for (index, start) in stride(from: 0, to: body.count - Limits.tag, by: Limits.padCover).enumerated() {
                let piece = Array(body[start..<min(body.count, start + Limits.padCover)])
                guard piece.count > Limits.tag else { continue }
                let block = head.start + UInt64(index)
                checked += 1
                if let known = pieces[block] {
                    let common = min(known.count, piece.count)
                    #expect(
                        known.prefix(common).elementsEqual(piece.prefix(common)), "block \(block) covers two plaintexts"
                    )
                    if known.count >= piece.count { continue }
                }
                pieces[block] = piece
            }
        }

        mutating func note(folder: PadFolder) throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("a/messages"))
            for name in names where whole.insert(name).inserted || name.hasSuffix(".new") {
                note(try folder.bytes("a/messages/" + name))
            }
        }
    }

    private func plain(_ number: Int) -> [[UInt8]] {
        [[UInt8](repeating: UInt8(truncatingIfNeeded: number &* 37 &+ 1), count: 9000)]
    }

    @Test(arguments: LossyDisk.Fate.allCases)
    func noBlockCoversTwoPlaintextsWhereverASealCrashes(_ fate: LossyDisk.Fate) throws {
        let whole = try PadFolder()
        let counter = LossyDisk(after: .max, fate, attic: whole.path)
        try whole.fill(blocks: 16)
        _ = try whole.seal(plain(0), gate: counter)
        #expect(counter.count > 15)
        for moment in 0..<counter.count {
            let folder = try PadFolder()
            try folder.fill(blocks: 16)
            var covered = Covered()
            var sent: [UInt8] = []
            #expect(throws: PadError.crashed) {
                let gate = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
                let pad = try folder.open("a", gate: gate)
                let sealer = try MessageSealer(pad)
                for section in plain(1) { try sealer.append(section) }
                sent = try folder.message(sealer.finish().start, of: pad)
            }
            covered.note(sent)
            try covered.note(folder: folder)
            // Crashes again while it recovers, then seals something else.
            let again = LossyDisk(after: moment % 7, fate, attic: folder.path, seed: UInt64(moment))
            _ = try? folder.open("a", gate: again)
            try covered.note(folder: folder)
            let message = try folder.seal(plain(2))
            covered.note(message)
            try covered.note(folder: folder)
            #expect(try folder.open(message).elementsEqual(plain(2).joined()))
            let start = try MessageHead(decoding: Array(message.prefix(MessageHead.size))).start
            for kept in try folder.open("a").kept() where kept.start != start {
                let resent = try folder.message(kept.start, of: folder.open("a"))
                covered.note(resent)
                #expect(try folder.open(resent).elementsEqual(plain(1).joined()))
            }
            let pad = try folder.open("a")
            #expect(try pad.file.isDestroyed(half: 0, 0..<pad.state.next), "moment \(moment)")
            #expect(pad.state.open.isEmpty)
        }
    }

    @Test(arguments: [UInt64.random(in: 0 ... .max)])
    func randomCrashesOverMessagesOfAllSizes(_ seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let folder = try PadFolder()
        try folder.fill(blocks: 4000)
        var covered = Covered()
        var crashes = 0
        for number in 0..<300 {
            let moment = Int.random(in: 0...40, using: &generator)
            let count = Int.random(in: 1...20_000, using: &generator)
            do {
                covered.note(
                    try folder.seal(
                        [[UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count)],
                        gate: CrashGate(after: moment)))
            } catch PadError.crashed {
                crashes += 1
            }
            try covered.note(folder: folder)
        }
        #expect(crashes > 50 && covered.checked > 500)
    }

    @Test func aReceiverThatCrashesOpensAgainOrRefuses() throws {
        let counter = CrashGate()
        let whole = try PadFolder()
        try whole.fill(blocks: 8)
        _ = try whole.open(try whole.seal(plain(1)), gate: counter)
        for moment in 0..<counter.count {
            let folder = try PadFolder()
            try folder.fill(blocks: 8)
            let message = try folder.seal(plain(1))
            #expect(throws: PadError.crashed) { try folder.open(message, gate: CrashGate(after: moment)) }
            do {
                #expect(try folder.open(message).elementsEqual(plain(1).joined()))
            } catch PadError.opened {
                #expect(try folder.open("b").state.received.ranges == [0..<3])
            }
            #expect(try folder.open("b").file.isDestroyed(half: 0, 0..<3), "moment \(moment)")
            #expect(throws: PadError.opened) { try folder.open(message) }
        }
    }

    /// Nothing of a carried copy stays on its medium: an import that crashed is finished by the same one.
    @Test(arguments: LossyDisk.Fate.allCases)
    func anImportThatCrashesIsFinished(_ fate: LossyDisk.Fate) throws {
        let steps = try imported(PadFolder(), crashing: .max, fate)
        for moment in 0..<steps {
            let folder = try PadFolder()
            #expect(try imported(folder, crashing: moment, fate) > moment)
            let carried = folder.file("carried-a")
            if try isLeft("carried-a", in: folder) {
                if folder.exists("a/ledger") {
                    try Pad.finishAdopting(carried, at: folder.place("a"))
                } else {
                    _ = try Pad.adopt(carried, to: folder.place("a"), machine: .test)
                }
                #expect(!folder.exists("carried-a"), "moment \(moment)")
            }
            try expectWhole("a/pad", in: folder)
            #expect(try folder.open("a").left == 130)
        }
    }

    /// Nor of a pad that was destroyed.
    @Test(arguments: LossyDisk.Fate.allCases)
    func aDestructionThatCrashesIsFinished(_ fate: LossyDisk.Fate) throws {
        let steps = try destroyed(PadFolder(), crashing: .max, fate)
        for moment in 0..<steps {
            let folder = try PadFolder()
            #expect(try destroyed(folder, crashing: moment, fate) > moment)
            if folder.exists("a/pad") { try Pad.destroy(folder.place("a")) }
            #expect(!folder.exists("a/pad") && !folder.exists("a/ledger.mooring"), "moment \(moment)")
            #expect(try Pad.status(folder.place("a"), machine: .test).source == nil)
            #expect(throws: PadError.retired) { try Pad.destroy(folder.place("a")) }
        }
    }

    /// Nor of a pad that was split.
    @Test(arguments: LossyDisk.Fate.allCases)
    func aSplitThatCrashesIsFinished(_ fate: LossyDisk.Fate) throws {
        let steps = try split(PadFolder(), crashing: .max, fate)
        for moment in 0..<steps {
            let folder = try PadFolder()
            #expect(try split(folder, crashing: moment, fate) > moment)
            if try isLeft("whole", in: folder) {
                try PadMaker().split(folder.file("whole"), into: (folder.file("carried-a"), folder.file("carried-b")))
                #expect(!folder.exists("whole"), "moment \(moment)")
            }
            for name in ["carried-a", "carried-b"] { try expectWhole(name, in: folder) }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!names.contains { $0.hasSuffix(".new") }, "moment \(moment)")
        }
    }

    /// Returns the steps that were tried.
    private func imported(_ folder: PadFolder, crashing moment: Int, _ fate: LossyDisk.Fate) throws -> Int {
        try folder.carry(blocks: 130)
        let disk = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
        do {
            _ = try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test, gate: disk)
        } catch PadError.crashed {}
        return disk.count
    }

    private func destroyed(_ folder: PadFolder, crashing moment: Int, _ fate: LossyDisk.Fate) throws -> Int {
        try folder.fill(blocks: 16)
        _ = try folder.seal(plain(1))
        let disk = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
        do { try Pad.destroy(folder.place("a"), gate: disk) } catch PadError.crashed {}
        return disk.count
    }

    private func split(_ folder: PadFolder, crashing moment: Int, _ fate: LossyDisk.Fate) throws -> Int {
        let size = 260 * Limits.padBlock
        _ = try PadMaker().create(folder.file("whole"), size: UInt64(size), source: folder.source(size))
        let disk = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
        do {
            try PadMaker(gate: disk).split(
                folder.file("whole"), into: (folder.file("carried-a"), folder.file("carried-b")))
        } catch PadError.crashed {}
        return disk.count
    }

    /// Whether a file is there that is not zeros alone.
    private func isLeft(_ name: String, in folder: PadFolder) throws -> Bool {
        try folder.exists(name) && folder.bytes(name).contains { $0 != 0 }
    }

    private func expectWhole(_ name: String, in folder: PadFolder) throws {
        let pad = try PadFile(folder.file(name), calls: PadFileCalls(gate: OpenPadGate()))
        var block = [UInt8](repeating: 0, count: 130 * Limits.padBlock)
        for half in 0...1 {
            try block.withUnsafeMutableBytes { try pad.read(half: half, from: 0, into: $0) }
        }
    }

    /// Each fault of a disk ends the seal, and nothing is used twice.
    @Test func aFullDiskBurnsAndGoesOn() throws {
        for moment in 0..<12 {
            let folder = try PadFolder()
            try folder.fill(blocks: 16)
            #expect(throws: PadError.self) { try folder.seal(plain(1), gate: FullDisk(after: moment)) }
            var covered = Covered()
            try covered.note(folder: folder)
            covered.note(try folder.seal(plain(2)))
        }
    }
}

/// Writes fail from some step on, and other steps happen.
private final class FullDisk: PadGate {
    private let gate: CrashGate

    init(after count: Int) { gate = CrashGate(after: count) }

    func pass(_ step: PadStep) throws(PadError) {
        do {
            try gate.pass(step)
        } catch {
            switch step {
            case .write, .create: throw .diskFull
            default: return
            }
        }
    }
}
